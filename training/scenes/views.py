"""Further views of a scene: the corners of the 3D Ken Burns data set, moves ahead, and what lies behind.

Niklaus et al., 3D Ken Burns Effect from a Single Image, 2019: each place was captured by four cameras at the corners of
a square that looks where the first one does.
"""

import numpy as np

from training.scenes.render import render

CORNERS = {"tl": (-0.5, -0.5), "tr": (0.5, -0.5), "bl": (-0.5, 0.5), "br": (0.5, 0.5)}


def nearest_depth(picture):
    """Of the nearest surface, but for a few pixels."""
    return 1 / max(float(np.quantile(picture.inverse_depth, 0.995)), 1e-6)


def largest_disparity(picture, camera, baseline):
    """Pixels by which the nearest surface moves when the camera moves aside by `baseline` metres."""
    return camera.focal_px * baseline * float(np.quantile(picture.inverse_depth, 0.995))


def baseline_for(picture, camera, disparity_px):
    """The side of the square, in metres, for a largest disparity of so many pixels."""
    return disparity_px / max(largest_disparity(picture, camera, 1.0), 1e-6)


def corner_cameras(camera, baseline):
    """Four cameras about the given one, `baseline` metres apart."""
    return {name: camera.moved(x * baseline, y * baseline, 0) for name, (x, y) in CORNERS.items()}


def forward_camera(picture, camera, share):
    """Moved ahead by this share of the way to the nearest surface."""
    return camera.moved(0, 0, share * nearest_depth(picture))


def render_views(scene, camera, disparity_px, forward=0.3):
    """Name to (camera, picture, picture behind): the scene's own view `front`, four corners, `ahead`.

    The picture behind shows, at each pixel, what the instance there hides: the truth for depth and colour of what a
    flight uncovers. Where there is no instance it is the same picture.
    """
    front = render(scene, camera)
    cameras = {"front": camera, **corner_cameras(camera, baseline_for(front, camera, disparity_px))}
    cameras["ahead"] = forward_camera(front, camera, forward)
    views = {}
    for name, one in cameras.items():
        picture = front if name == "front" else render(scene, one)
        views[name] = one, picture, render(scene, one, behind=picture.instances)
    return views
