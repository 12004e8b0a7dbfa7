"""Pairs of views of one scene, kept on disk: what the first hides, the second shows.

python -m training.scenes.pairs FOLDER --count 600 [--first 0] [--seed 21]
"""

import argparse
import os

import numpy as np

from training.paths import write_whole
from training.scenes.library import load_library
from training.scenes.make import develop, make_picture
from training.scenes.render import Picture, render
from training.scenes.views import baseline_for, nearest_depth

SIZE = (384, 288)


def draw_move(picture, camera, rng):
    """Right, down and ahead in metres: the nearest surface moves by some to very many pixels, half of the time only
    aside."""
    pixels = np.exp(rng.uniform(np.log(8), np.log(0.28 * max(SIZE))))
    angle = rng.uniform(0, 2 * np.pi)
    aside = baseline_for(picture, camera, pixels)
    ahead = rng.uniform(-0.4, 0.25) * nearest_depth(picture) if rng.random() < 0.5 else 0.0
    return np.array([np.cos(angle) * aside, np.sin(angle) * aside, ahead])


def render_pair(library, seed, number, size):
    """Two pictures, two maps of inverse depth over the first's largest, and the motion between them (warp.py)."""
    picture, scene, camera = make_picture(library, seed, number, size)
    right, down, ahead = draw_move(picture, camera, np.random.default_rng([seed, number, 5]))
    views = [render(scene, camera), render(scene, camera.moved(right, down, ahead))]
    # Developed as one sheet: with one exposure.
    sheet = [np.concatenate([getattr(view, name) for view in views]) for name in vars(views[0])]
    color = develop(Picture(*sheet), scene)
    largest = max(float(views[0].inverse_depth.max()), 1e-6)
    depth = [view.inverse_depth / largest for view in views]
    motion = np.array([-camera.focal_px * right, -camera.focal_px * down, ahead]) * largest
    return np.split(color, 2), depth, motion


class PairCache:
    def __init__(self, folder, seed, size=SIZE, library=None):
        self.folder = os.path.join(folder, "pairs%d_%dx%d" % (seed, *size))
        self.seed, self.size, self.library = seed, tuple(size), library
        os.makedirs(self.folder, exist_ok=True)

    def get(self, number):
        """As render_pair."""
        path = os.path.join(self.folder, "%07d.npz" % number)
        if not os.path.exists(path):
            if self.library is None:
                self.library = load_library()
            colors, depths, motion = render_pair(self.library, self.seed, number, self.size)
            kept = {"colors": np.stack(colors), "depths": np.stack(depths).astype(np.float32), "motion": motion}
            write_whole(path, lambda part: np.savez(part, **kept))
        with np.load(path) as kept:
            return kept["colors"], kept["depths"], kept["motion"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=21)
    arguments = parser.parse_args()
    cache = PairCache(arguments.folder, arguments.seed)
    for number in range(arguments.first, arguments.count):
        cache.get(number)


if __name__ == "__main__":
    main()
