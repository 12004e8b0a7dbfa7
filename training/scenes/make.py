"""Scene number n of a seed: always the same one, whoever makes it."""

import numpy as np

from training.scenes import closeups, outside, rooms
from training.scenes.builder import Builder
from training.scenes.render import render, smooth

# How often each layout is drawn.
LAYOUTS = {
    rooms.room: 0.14,
    rooms.furnished: 0.14,
    rooms.corridor: 0.05,
    closeups.tabletop: 0.12,
    closeups.tote: 0.05,
    closeups.desk: 0.09,
    closeups.packed_shelf: 0.05,
    closeups.clutter: 0.03,
    closeups.wall: 0.04,
    outside.street: 0.09,
    outside.yard: 0.07,
    outside.nature: 0.06,
    outside.portrait: 0.07,
}
ATTEMPTS = 12


def make_scene(library, seed, number, size):
    """A scene and its first camera. `size`: long and short side; a third of the scenes are upright."""
    rng = np.random.default_rng([seed, number])
    long_side, short_side = size
    width, height = (short_side, long_side) if rng.random() < 0.3 else (long_side, short_side)
    build = Builder(rng, library, width, height)
    layouts = list(LAYOUTS)
    layout = layouts[rng.choice(len(layouts), p=list(LAYOUTS.values()))]
    layout(build)
    build.scene.layout = layout.__name__
    build.scene.seed = [seed, number]
    return build.scene, build.camera


def is_useful(picture):
    """Not one flat wall, and nothing so near that all else is far."""
    depth = picture.inverse_depth
    low, middle, high, most = np.quantile(depth, (0.03, 0.5, 0.97, 0.995))
    if high <= 0 or high - low < 0.12 * high or most > 40 * max(middle, 0.02 * most):
        return False
    return picture.color.std() > 0.04 and len(np.unique(picture.instances)) > 2


def make_picture(library, seed, number, size):
    """The first useful view of this number's scenes, developed. Returns the picture and its scene."""
    for attempt in range(ATTEMPTS):
        scene, camera = make_scene(library, seed, number + attempt * 2**32, size)
        picture = render(scene, camera)
        if is_useful(picture) or attempt == ATTEMPTS - 1:
            picture.color = develop(picture, scene)
            return picture, scene, camera


def develop(picture, scene):
    """From light to 8 bit: blur of the lens and of what is out of focus, exposure, tone."""
    rng = np.random.default_rng(scene.seed + [7])
    color = smooth(picture.color, 1) * 0.35 + picture.color * 0.65
    if scene.focus_blur:
        color = blur_by_distance(color, picture.inverse_depth, rng)
    exposure = 0.45 / max(float(np.median(color)), 0.03) if rng.random() < 0.9 else 1.0
    color = color * min(max(exposure, 0.4), 6) * rng.uniform(0.7, 1.3)
    color = np.where(color > 0.8, 0.8 + 0.2 * np.tanh((color - 0.8) / 0.3), color)
    return (np.clip(color, 0, 1) * 255 + 0.5).astype(np.uint8)


def blur_by_distance(color, inverse_depth, rng):
    """A sharp plane among the nearer things; the farther from it, the softer."""
    focus = np.quantile(inverse_depth[inverse_depth > 0], rng.uniform(0.5, 0.97))
    circle = np.abs(inverse_depth - focus) / focus * rng.uniform(1, 5)
    circle = smooth(np.minimum(circle, 5), 1)[..., None]
    for radius in (1, 2, 4):
        soft = smooth(smooth(color, radius), radius)
        share = np.clip(circle / radius - 0.5, 0, 1)
        color = color * (1 - share) + soft * share
    return color
