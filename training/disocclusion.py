"""What an inpainting network learns from: a picture, a moved view of it with holes, and what is in the holes.

A hole is what one view of a scene hides and another shows, never an arbitrary shape.
"""

import numpy as np

from training import paths
from training.data import recolour
from training.pictures import load_picture
from training.scenes.cache import SceneCache
from training.scenes.pairs import PairCache
from training.teachers import load_vote
from training.warp import move, sample

ROOM = 96
MARGIN = 5
BORDER_WEIGHT = 0.3
PHOTO_SIDE = 640


def cut(planes, size, rng):
    """A random window of all planes."""
    top, left = (int(rng.integers(0, max(side - part, 0) + 1)) for side, part in zip(planes[0].shape, size))
    return [plane[top : top + size[0], left : left + size[1]] for plane in planes]


def draw_motion(rng, shape):
    """Small moves are as frequent as large ones; a third go ahead or back as well."""
    pixels, angle = np.exp(rng.uniform(np.log(10), np.log(0.32 * max(shape)))), rng.uniform(0, 2 * np.pi)
    ahead = rng.uniform(-0.3, 0.2) if rng.random() < 0.35 else 0.0
    return np.array([pixels * np.cos(angle), pixels * np.sin(angle), ahead])


def back_and_forth(picture, depth, rng):
    """One picture as the moved view, and the source that it would have been seen from."""
    motion = draw_motion(rng, depth.shape)
    source = move(depth, -motion)
    return source.show(picture), source.depth, motion


def find_window(weight, size, rng):
    """Of some windows the one with most to learn."""
    places = [[int(rng.integers(0, side - part + 1)) for side, part in zip(weight.shape, size)] for _ in range(8)]
    return max(places, key=lambda at: weight[at[0] : at[0] + size[0], at[1] : at[1] + size[1]].sum())


def make_sample(source, source_depth, truth, truth_depth, motion, size, rng, margin=0):
    """A window of the moved view, and the source's window that most of it came from. Colours 0..255.

    `margin`: pixels beside what uncovers a hole where the truth may be its colours, since its outline is inexact.
    """
    largest = max(float(source_depth.max()), 1e-6)
    source_depth, truth_depth, motion = source_depth / largest, truth_depth / largest, motion * largest
    view = move(source_depth, motion)
    weight = np.where(view.ends == 2, 1, BORDER_WEIGHT) * ~view.known * ((view.ends < 2) | (view.from_near > margin))
    top, left = find_window(weight * (view.ends == 2), size, rng)
    window = slice(top, top + size[0]), slice(left, left + size[1])
    known, place = view.known[window], view.place[(slice(None), *window)]
    # The source's window lies where most of the known pixels come from.
    from_x, from_y = np.median(place[:, known], 1) if known.any() else (left + size[1] / 2, top + size[0] / 2)
    from_top = int(np.clip(from_y - size[0] / 2, 0, source_depth.shape[0] - size[0]))
    from_left = int(np.clip(from_x - size[1] / 2, 0, source_depth.shape[1] - size[1]))
    cell = slice(from_top, from_top + size[0]), slice(from_left, from_left + size[1])
    sheet = np.concatenate([source[cell], sample(source, place), truth[window]]) / 255
    colors = np.split(np.clip(recolour(sheet, rng), 0, 1).astype(np.float32).transpose(2, 0, 1), 3, 1)
    corner, half = np.array([from_left, from_top])[:, None, None], np.array(size[::-1])[:, None, None] / 2
    planes = {
        "picture": colors[0],
        "picture_depth": source_depth[cell][None],
        "place": (place - corner + 0.5) / half - 1,
        "given": colors[1],
        "given_depth": view.depth[window][None],
        "known": known[None],
        "truth": colors[2],
        "truth_depth": truth_depth[window][None],
        "weight": weight[window][None],
    }
    return {name: np.ascontiguousarray(plane, np.float32) for name, plane in planes.items()}


class Pairs:
    """Two rendered views of a scene. Rendered beforehand (scenes/pairs.py)."""

    def __init__(self, folder, seed, count):
        self.cache, self.count = PairCache(folder, seed), count

    def draw(self, number, size, rng):
        colors, depths, motion = self.cache.get(number)
        source, truth = colors.astype(np.float32)
        return make_sample(source, depths[0], truth, depths[1], motion, size, rng)


class Scenes:
    """One rendered view, which another would have hidden in part. Rendered beforehand (scenes/cache.py)."""

    def __init__(self, folder, seed, count):
        self.cache, self.count = SceneCache(folder, seed), count

    def window(self, number, size, rng):
        color, depth, _, instances = self.cache.get(number)
        color, depth, instances = cut([color, depth, instances], [side + ROOM for side in size], rng)
        return color.astype(np.float32), depth, instances

    def draw(self, number, size, rng):
        truth, depth, _ = self.window(number, size, rng)
        depth = depth / max(float(depth.max()), 1e-6)
        source, source_depth, motion = back_and_forth(truth, depth, rng)
        return make_sample(source, source_depth, truth, depth, motion, size, rng)


class Photos:
    """A photograph, mostly with a thing of a generated scene before it: there the hole's outline and its truth are
    exact. Otherwise its own pseudo-depth uncovers it, and what is beside that outline does not count."""

    def __init__(self, label_cache, scenes):
        self.label_cache, self.scenes = label_cache, scenes
        kinds = paths.photo_kinds()
        self.names = [name for name in paths.training_photos() if name in kinds]
        self.kinds = kinds
        self.count = len(self.names)

    def background(self, number, size, rng):
        name = self.names[number]
        picture = load_picture(paths.data_path(name), PHOTO_SIDE).astype(np.float32)
        vote, _ = load_vote(self.label_cache, name, self.kinds[name])
        height, width = picture.shape[:2]
        whole = np.mgrid[:height, :width].astype(np.float32)
        picture, row, column = cut([picture, *whole], [side + ROOM for side in size], rng)
        place = np.stack([column * vote.shape[1] / width, row * vote.shape[0] / height])
        depth = sample(vote[..., None].astype(np.float32), place)[..., 0]
        low, high = np.quantile(depth, (0.02, 0.98))
        depth = np.clip((depth - low) / max(high - low, 1e-6), 0, 1) * 0.95 + 0.05
        return picture, depth.astype(np.float32)

    def draw(self, number, size, rng):
        truth, depth = self.background(number, size, rng)
        margin = MARGIN
        if rng.random() < 0.75:
            color, _, instances = self.scenes.window(int(rng.integers(self.scenes.count)), size, rng)
            if color.shape == truth.shape:
                numbers, areas = np.unique(instances, return_counts=True)
                fit = numbers[(numbers > 0) & (areas > 0.02 * instances.size) & (areas < 0.4 * instances.size)]
                if len(fit):
                    thing, margin = instances == rng.choice(fit), 0
                    truth = np.where(thing[..., None], color, truth)
                    depth = np.where(thing, np.float32(1), depth * np.float32(rng.uniform(0.3, 0.7)))
        source, source_depth, motion = back_and_forth(truth, depth, rng)
        return make_sample(source, source_depth, truth, depth, motion, size, rng, margin)
