"""What depth networks make of generated scenes, and what a refinement could make of that.

    python -m training.estimates FOLDER --scenes SCENES --model MODEL --count 1200 [--seed 11]

An estimate is inverse depth, 0..1 between its least and largest. What is wanted of it keeps its layout, since a
refinement cannot know better, but has the truth's edges. Networks answer once and are kept on disk; an estimate can
also be drawn, as what blurring, displacing and thinning make of the truth.
"""

import argparse
import os

import numpy as np
import torch
from torch.nn import functional

from training.networks import ask_at, load_model
from training.paths import write_whole
from training.pictures import resize_area
from training.scenes.cache import SceneCache

SIZE = (640, 480)
SIDES = (192, 224, 256, 288)
BINS = 20
CELL = 8
USEFUL = 0.6


def plane(values):
    return torch.as_tensor(np.ascontiguousarray(values), dtype=torch.float32)[None, None]


def enlarge(map_, size):
    return functional.interpolate(map_, size=tuple(size), mode="bilinear", align_corners=False)


def to_range(depth):
    """0..1, a few extreme values held at the ends."""
    low, high = np.quantile(depth[::3, ::3], (0.002, 0.998))
    return np.clip((depth - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)


def clouds(rng, size, cell):
    """Smooth noise of -1..1, 1 x 1 x H x W."""
    grid = rng.uniform(-1.4, 1.4, [max(2, round(side / cell) + 1) for side in size])
    smooth = functional.interpolate(plane(grid), size=tuple(size), mode="bicubic", align_corners=True)
    return smooth.clamp(-1, 1)


def gauss(map_, sigma):
    reach = max(1, int(3 * sigma + 0.5))
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).view(1, 1, 1, -1)
    for _ in range(2):
        map_ = functional.conv2d(functional.pad(map_, (reach, reach, 0, 0), mode="replicate"), weights)
        map_ = map_.transpose(2, 3)
    return map_


def displaced(truth, size, reach, rng):
    """The truth at a smaller size, each value the mean of four, taken up to `reach` of its pixels away."""
    double = [2 * side for side in size]
    moves = [enlarge(clouds(rng, size, rng.uniform(8, 40)), double)[0, 0].numpy() * reach for _ in size]
    places = [
        ((grid + 0.5) / 2 + move) * whole / side
        for grid, move, whole, side in zip(np.indices(double), moves, truth.shape, size)
    ]
    rows, columns = (np.clip(place, 0, side - 1).astype(int) for place, side in zip(places, truth.shape))
    return functional.avg_pool2d(plane(truth[rows, columns]), 2)


def draw_estimate(picture, truth, rng):
    """A small estimate and what is wanted of it, 1 x 1 x h x w and H x W. `truth`: 0..1."""
    scale = rng.uniform(0.3, 0.5)
    size = [round(side * scale) for side in truth.shape]
    error = rng.uniform(0, 0.15)
    bend, lift = (clouds(rng, size, max(size) / 3) for _ in range(2))
    estimate = displaced(truth, size, rng.uniform(0, 3.5), rng)
    reach = int(rng.integers(0, 3))
    thin = functional.max_pool2d(-functional.max_pool2d(-estimate, 2 * reach + 1, 1, reach), 2 * reach + 1, 1, reach)
    fat = -functional.max_pool2d(-functional.max_pool2d(estimate, 2 * reach + 1, 1, reach), 2 * reach + 1, 1, reach)
    missing = (clouds(rng, size, 30) * 4).clamp(0, 1)
    filled = (clouds(rng, size, 30) * 4).clamp(0, 1)
    estimate = estimate.lerp(thin, missing).lerp(fat, filled)
    estimate = estimate * (1 + error * bend) + 0.5 * error * lift
    estimate = gauss(estimate, rng.uniform(0.4, 2.6))
    if rng.random() < 0.5:
        # Networks copy a little of the picture's texture.
        grey = resize_area(plane(picture.mean(2) / 255), size)
        estimate = estimate + rng.uniform(-0.06, 0.06) * (grey - gauss(grey, 4))
    wanted = plane(truth) * (1 + error * enlarge(bend, truth.shape)) + 0.5 * error * enlarge(lift, truth.shape)
    return estimate, wanted[0, 0].numpy()


def edges(depth, reach, step):
    """1 within `reach` pixels of a step of the depth."""
    size = 2 * reach + 1
    spread = functional.max_pool2d(depth, size, 1, reach) + functional.max_pool2d(-depth, size, 1, reach)
    return (spread > step).float()


def smooth_along(values, weights, guide):
    """The weighted mean of what lies near by and at much the same depth (Chen, Paris and Durand, bilateral grid)."""
    height, width = guide.shape
    level = np.clip(guide, 0, 1) * (BINS - 1.001)
    lower = level.astype(int)
    cells = [-(-height // CELL), -(-width // CELL)]
    place = np.arange(height)[:, None] // CELL * cells[1] + np.arange(width)[None] // CELL
    sums = np.zeros([2, BINS * cells[0] * cells[1]])
    for bins, share in ((lower, 1 - (level - lower)), (lower + 1, level - lower)):
        at = (bins * cells[0] * cells[1] + place).ravel()
        for total, part in zip(sums, (values * weights * share, weights * share)):
            total += np.bincount(at, part.ravel(), len(total))
    grid = torch.from_numpy(sums).float().view(2 * BINS, 1, *cells)
    grid = gauss(grid, 4.0).view(2, BINS, *cells)
    means = enlarge((grid[0] / (grid[1] + 1e-3))[None], [side * CELL for side in cells])[0, :, :height, :width]
    below, above = (means.gather(0, torch.from_numpy(bins)[None])[0].numpy() for bins in (lower, lower + 1))
    return below + (above - below) * (level - lower)


def wanted_of(estimate, truth):
    """The truth, bent so that each of its surfaces lies where the estimate has it. None if the two hardly agree."""
    large = enlarge(plane(estimate), truth.shape)[0, 0].numpy()
    if np.corrcoef(large.ravel(), truth.ravel())[0, 1] < USEFUL:
        return None
    scale, shift = np.polyfit(truth.ravel(), large.ravel(), 1)
    fitted = scale * truth + shift
    # What lies on an edge's slope belongs to neither side.
    weights = 1 - 0.98 * edges(plane(truth), 6, 0.03)[0, 0].numpy()
    return np.clip(fitted + smooth_along(large - fitted, weights, truth), -0.2, 1.2).astype(np.float32)


class Answers:
    """A depth network's answers to the scenes of a cache, kept on disk. `model`: a checkpoint or export of ours."""

    def __init__(self, folder, model, scenes):
        self.scenes, self.path, self.model = scenes, model, None
        self.folder = os.path.join(folder, os.path.basename(scenes.folder))
        os.makedirs(self.folder, exist_ok=True)

    def get(self, number):
        """The estimate, h x w, and what is wanted of it, H x W, or None where the network errs too much."""
        path = os.path.join(self.folder, "%07d.npz" % number)
        if not os.path.exists(path):
            self.make(number, path)
        with np.load(path) as file:
            return (file["estimate"], file["wanted"].astype(np.float32)) if "wanted" in file else None

    def make(self, number, path):
        self.model = self.model or load_model(self.path)
        picture, depth, _, _ = self.scenes.get(number)
        with torch.no_grad():
            answer = ask_at(self.model, picture, SIDES[number % len(SIDES)])[0, 0].numpy()
        kept = {"estimate": to_range(answer)}
        wanted = wanted_of(kept["estimate"], to_range(depth))
        if wanted is not None:
            kept["wanted"] = wanted.astype(np.float16)
        write_whole(path, lambda part: np.savez(part, **kept))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="for the answers, outside the project")
    parser.add_argument("--scenes", required=True, help="folder of rendered scenes")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--model", required=True, help="a depth network of ours")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    answers = Answers(arguments.folder, arguments.model, SceneCache(arguments.scenes, arguments.seed, SIZE))
    for number in range(arguments.count):
        answers.get(number)


if __name__ == "__main__":
    main()
