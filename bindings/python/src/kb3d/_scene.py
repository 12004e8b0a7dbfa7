"""A scene: one picture with depth."""
from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Iterable, Optional, Sequence, Union

import numpy as np

from ._call import Cancel, Progress, make
from ._context import ROLES, Context, ModelInfo, default_context
from ._library import ffi, floats, lib, names, number, owned, prepared, text
from ._pixels import Array, Picture, Target, source_of

DEPTH_KINDS = names("kb3d_depth_kind", "KB3D_DEPTH_")
QUALITIES = names("kb3d_depth_quality", "KB3D_DEPTH_QUALITY_")
SKIPS = names("kb3d_skip", "KB3D_SKIP_")
CLASSES = names("kb3d_class", "KB3D_CLASS_")
STAGES = names("kb3d_stage", "KB3D_STAGE_")
Size = tuple[int, int]
LONG_SIDE = 1920


@dataclass
class Camera:
    """A full pinhole camera; include/kb3d/camera.h has its equation."""

    focal_px: float
    principal_x: float
    principal_y: float
    width: float
    height: float
    rotation: Sequence[float] = (1, 0, 0, 0, 1, 0, 0, 0, 1)
    translation: Sequence[float] = (0, 0, 0)

    @classmethod
    def of(cls, c: Any) -> Camera:
        return cls(c.focal_px, c.principal_x, c.principal_y, c.width, c.height, tuple(c.rotation),
                   tuple(c.translation))

    def fill(self, c: Any) -> None:
        c.size = ffi.sizeof("kb3d_camera")
        c.rotation = floats(self.rotation, 9, "rotation")
        c.translation = floats(self.translation, 3, "translation")
        for name in ("focal_px", "principal_x", "principal_y", "width", "height"):
            setattr(c, name, getattr(self, name))


@dataclass(frozen=True)
class SceneInfo:
    width: int
    height: int
    has_alpha: bool
    focal_px: float
    focal_is_guess: bool
    inverse_depth_min: float
    inverse_depth_max: float
    depth_source: str


class Scene:
    """A picture that a camera can fly through. Never changes; any number of threads may use it.

    picture -- a file's name, its contents, an array of HxW, HxWx3 or HxWx4 (uint8, uint16, float), an image of
        Pillow, a tensor, or kb3d.Pixels. Arrays are read where they lie if the pixels of a row lie side by side.
    depth -- likewise, grey; without it the context's depth network is asked.
    masks -- pairs of "person", "animal", "vehicle", "sky" or "other" and a picture.
    progress -- a function of stage and fraction, or True for bars of tqdm. What it raises cancels.
    cancel -- a threading.Event that cancels.
    """

    def __init__(self, picture: Picture, *, depth: Optional[Picture] = None, depth_kind: str = "inverse",
                 refine_depth: bool = False, focal_px: float = 0, masks: Iterable[tuple[str, Picture]] = (),
                 quality: str = "normal", skip: Union[str, Iterable[str]] = (), context: Optional[Context] = None,
                 progress: Progress = None, cancel: Optional[Cancel] = None) -> None:
        self.context = context or default_context()
        keep: list[Any] = []
        listed = []
        for kind, mask in masks:
            listed.append(prepared("kb3d_mask", kind=number(CLASSES, kind, "class"), source=source_of(mask, keep)))
        pointers = ffi.new("kb3d_mask *[]", listed) if listed else ffi.NULL
        skips = [skip] if isinstance(skip, str) else list(skip)
        params = prepared(
            "kb3d_scene_params", picture=source_of(picture, keep),
            depth=None if depth is None else source_of(depth, keep),
            depth_kind=number({"inverse": DEPTH_KINDS["inverse"], "z": DEPTH_KINDS["z"]}, depth_kind, "depth_kind"),
            refine_depth=int(refine_depth), focal_px=focal_px, masks=pointers, mask_count=len(listed),
            depth_quality=number(QUALITIES, quality, "quality"), skip=sum(number(SKIPS, s, "skip") for s in set(skips)))
        self._cell = owned(ffi.new("kb3d_scene **"), lib.kb3d_scene_destroy, self.context._keep)
        self.context._make(lib.kb3d_scene_create, self.context._c, params, self._cell, progress=progress, cancel=cancel)
        del keep

    @property
    def _c(self) -> Any:
        return self._cell[0]

    @property
    def info(self) -> SceneInfo:
        info = prepared("kb3d_scene_info")
        make(lib.kb3d_scene_get_info, self._c, info)
        values = {field.name: getattr(info, field.name) for field in fields(SceneInfo)}
        values.update(has_alpha=bool(info.has_alpha), focal_is_guess=bool(info.focal_is_guess),
                      depth_source=text(info.depth_source))
        return SceneInfo(**values)

    @property
    def size(self) -> Size:
        """Width and height of the picture."""
        info = self.info
        return info.width, info.height

    def frame_size(self, long_side: int = LONG_SIDE, even: bool = False) -> Size:
        """The picture's size, or what fits a long side: what frames have if nothing else is said."""
        width, height = self.size
        scale = min(1, long_side / max(width, height))
        least = 2 if even else 1
        wide, high = (max(least, int(side * scale + 0.5)) for side in (width, height))
        return (wide & ~1, high & ~1) if even else (wide, high)

    @property
    def camera(self) -> Camera:
        """The camera that took the picture: a start for your own."""
        camera = prepared("kb3d_camera")
        make(lib.kb3d_scene_get_camera, self._c, camera)
        return Camera.of(camera)

    def depth(self, stage: str = "refine", *, out: Any = None, format: str = "grayf32") -> Array:
        """A stage's inverse depth, larger is nearer: "estimate", "adjust" or "refine"."""
        at = number(STAGES, stage, "stage")
        size = ffi.new("int[2]")
        make(lib.kb3d_scene_get_depth_size, self._c, at, size, size + 1)
        target = Target((size[0], size[1]), format if out is None else None, out)
        make(lib.kb3d_scene_get_depth, self._c, at, target.c)
        return target.finish()

    def model(self, role: str) -> ModelInfo:
        """Which network made a part of the scene; ModelError when none of that role did."""
        info = prepared("kb3d_model_info")
        make(lib.kb3d_scene_get_model, self._c, number(ROLES, role, "role"), info)
        return ModelInfo.of(info)

    def __repr__(self) -> str:
        info = self.info
        return "kb3d.Scene(%dx%d, depth by %s)" % (info.width, info.height, info.depth_source)

    def _repr_png_(self) -> bytes:
        from ._notebook import scene_png

        return scene_png(self)

    def explore(self, size: Optional[Size] = None) -> Any:
        """In a notebook: the scene with three sliders that move the camera (needs ipywidgets)."""
        from ._notebook import explore

        return explore(self, size)
