"""What a notebook shows: a scene's picture beside its depth, sliders for the camera."""
from __future__ import annotations

import importlib
from typing import Any, Optional

import numpy as np

from ._path import Path
from ._png import png
from ._scene import Camera, Scene, Size

LONG_SIDE = 640


def _seen(scene: Scene, size: Size, translation: tuple[float, float, float] = (0, 0, 0)) -> Any:
    """What the picture's camera sees, moved by a translation of its own in units of the depth."""
    camera = scene.camera
    moved = Camera(camera.focal_px, camera.principal_x, camera.principal_y, camera.width, camera.height,
                   camera.rotation, tuple(-v for v in translation))
    return Path.along(scene, [moved]).render_layers(0, size, painted=False)


def scene_png(scene: Scene) -> bytes:
    """The picture beside its inverse depth, near is light."""
    size = scene.frame_size(LONG_SIDE)
    frame = _seen(scene, size)
    info = scene.info
    spread = max(info.inverse_depth_max - info.inverse_depth_min, 1e-12)
    grey = np.clip((frame.depth - info.inverse_depth_min) / spread * 255, 0, 255).astype(np.uint8)
    return png(np.concatenate([frame.color, np.repeat(grey[:, :, np.newaxis], 3, 2)], 1))


def explore(scene: Scene, size: Optional[Size] = None) -> Any:
    """Three sliders: right, down and forward, as far as a fifth of the way to the nearest thing."""
    widgets = importlib.import_module("ipywidgets")
    size = size or scene.frame_size(480)
    reach = 0.2 / max(scene.info.inverse_depth_max, 1e-12)
    view = widgets.Image(format="png", width=size[0], height=size[1])
    sliders = [widgets.FloatSlider(value=0, min=-reach, max=reach, step=reach / 50, description=name,
                                   readout_format=".3f", continuous_update=True)
               for name in ("right", "down", "forward")]

    def show(change: Any = None) -> None:
        right, down, forward = (slider.value for slider in sliders)
        view.value = png(_seen(scene, size, (right, down, forward)).color)

    for slider in sliders:
        slider.observe(show, "value")
    show()
    return widgets.VBox([view, *sliders])
