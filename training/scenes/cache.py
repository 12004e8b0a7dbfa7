"""Scenes kept on disk, so that each is rendered once. Scene n is the same whether it was kept or not.

python -m training.scenes.cache FOLDER --count 8000 [--workers 4] [--seed 1] [--size 384x288]
"""

import argparse
import os

import numpy as np

from training.paths import write_whole
from training.scenes.library import load_library
from training.scenes.make import make_picture

SIZE = (384, 288)


class SceneCache:
    """Picture, inverse depth over its 99th percentile, classes and instances of scene number 0..count-1."""

    def __init__(self, folder, seed, size=SIZE, library=None):
        self.folder = os.path.join(folder, "seed%d_%dx%d" % (seed, *size))
        self.seed, self.size, self.library = seed, tuple(size), library
        os.makedirs(self.folder, exist_ok=True)

    def get(self, number):
        """H x W x 3 of uint8, H x W of float32, H x W of uint8, H x W of uint8."""
        path = self.path(number)
        try:
            planes = np.load(path)
        except (OSError, ValueError):
            planes = self.make(number)
            write_whole(path, lambda part: np.save(part, planes))
        depth = np.ascontiguousarray(planes[..., 3:5]).view(np.float16)[..., 0].astype(np.float32)
        return planes[..., :3], depth, planes[..., 5], planes[..., 6]

    def path(self, number):
        return os.path.join(self.folder, "%07d.npy" % number)

    def prepare(self, count):
        """What rendering needs, unless scenes 0..count-1 are all kept already."""
        if not all(os.path.exists(self.path(number)) for number in range(count)):
            self.load_library()

    def load_library(self):
        if self.library is None:
            self.library = load_library()

    def make(self, number):
        self.load_library()
        picture, _, _ = make_picture(self.library, self.seed, number, self.size)
        depth = picture.inverse_depth / max(float(np.quantile(picture.inverse_depth, 0.99)), 1e-6)
        depth = np.minimum(depth, 4).astype(np.float16)[..., None].view(np.uint8)
        instances = np.minimum(picture.instances, 255).astype(np.uint8)
        return np.concatenate([picture.color, depth, picture.classes[..., None], instances[..., None]], 2)


def fill(folder, seed, size, first, count, step):
    cache = SceneCache(folder, seed, size)
    for number in range(first, count, step):
        cache.get(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--size", default="%dx%d" % SIZE, help="long side x short side")
    arguments = parser.parse_args()
    size = [int(side) for side in arguments.size.split("x")]
    if arguments.workers == 1:
        fill(arguments.folder, arguments.seed, size, 0, arguments.count, 1)
        return
    from multiprocessing import Process

    workers = [
        Process(target=fill, args=(arguments.folder, arguments.seed, size, k, arguments.count, arguments.workers))
        for k in range(arguments.workers)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
