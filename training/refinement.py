"""How near a refined map comes to what is wanted of its estimate, on generated scenes that are never trained on.

    python -m training.refinement build/tools/kb3d [REFINE.pt ...] [--estimates DEPTH] [--count 16]

Everything goes through the command: enlarged without regard to the picture, by the built-in filter, by the networks.
The estimates are drawn or, with --estimates, what this depth network of ours says.
"""

import argparse
import os
import subprocess
import tempfile

import numpy as np
import torch
from PIL import Image

from training.estimates import draw_estimate, edges, plane, to_range, wanted_of
from training.evaluate import GENERATED_SEED, drawn_library
from training.metrics import boundary_error
from training.networks import ask_at, load_model
from training.pictures import to_tensor
from training.scenes.make import make_picture

FIGURES = ("boundary", "near", "far", "between")
COUNT = 16
SIZE = (640, 480)
STEP = 0.04
NEAR = 6


def sides(wanted, reach):
    """The least and largest of what is wanted, up to `reach` pixels around."""
    size = 2 * reach + 1
    largest = torch.nn.functional.max_pool2d(plane(wanted), size, 1, reach)[0, 0].numpy()
    return -torch.nn.functional.max_pool2d(-plane(wanted), size, 1, reach)[0, 0].numpy(), largest


def figures(answer, wanted):
    """The distance between outlines in pixels; mean errors up to NEAR pixels from edges and beyond, in thousandths of
    the range; and the share of pixels up to 3 from an edge, in hundredths, that lie on neither of its sides.
    """
    error = np.abs(answer - wanted)
    near = edges(plane(wanted), NEAR, STEP)[0, 0].numpy() > 0
    far_side, near_side = sides(wanted, 3)
    step = near_side - far_side
    beside = step > 0.1
    # Surfaces may slope: what is wanted may be between, too.
    between = lambda map_: (map_ > far_side + 0.2 * step) & (map_ < near_side - 0.2 * step)
    flying = between(answer) & ~between(wanted)
    return {
        "boundary": boundary_error(answer.astype(np.float64), wanted.astype(np.float64), np.ones(wanted.shape, bool)),
        "near": 1e3 * float(error[near].mean()) if near.any() else float("nan"),
        "far": 1e3 * float(error[~near].mean()) if not near.all() else float("nan"),
        "between": 100 * float(flying[beside].mean()) if beside.any() else float("nan"),
    }


def drawn_cases(count=COUNT):
    """(picture, estimate, wanted) of scenes with drawn textures only."""
    library = drawn_library()
    for number in range(count):
        picture, _, _ = make_picture(library, GENERATED_SEED, number, SIZE)
        rng = np.random.default_rng([6, number])
        estimate, wanted = draw_estimate(picture.color, to_range(picture.inverse_depth), rng)
        yield picture.color, estimate, wanted


def average(rows):
    return {name: float(np.nanmean([row[name] for row in rows])) for name in FIGURES}


class Validation:
    def __init__(self, device="cpu", count=6):
        self.device = device
        self.cases = list(drawn_cases(count))

    def score(self, network):
        rows = []
        for picture, estimate, wanted in self.cases:
            with torch.no_grad():
                answer = network(to_tensor(picture).to(self.device), estimate.to(self.device)).float().cpu()
            rows.append(figures(answer[0, 0].numpy(), wanted))
        means = average(rows)
        return [means[name] for name in FIGURES], "  ".join("%s %.2f" % (name, means[name]) for name in FIGURES)


def answered_cases(path, count=COUNT, side=256):
    """The same scenes with a depth network's answers, where they are good enough to be worth refining."""
    model = load_model(path)
    library = drawn_library()
    for number in range(count):
        picture, _, _ = make_picture(library, GENERATED_SEED, number, SIZE)
        with torch.no_grad():
            estimate = to_range(ask_at(model, picture.color, side)[0, 0].numpy())
        wanted = wanted_of(estimate, to_range(picture.inverse_depth))
        if wanted is not None:
            yield picture.color, plane(estimate), wanted


def write_pfm(path, values):
    with open(path, "wb") as file:
        file.write(b"Pf\n%d %d\n-1\n" % values.shape[::-1])
        file.write(values[::-1].astype("<f4").tobytes())


def read_pfm(path):
    with open(path, "rb") as file:
        file.readline()
        width, height = map(int, file.readline().split())
        file.readline()
        return np.frombuffer(file.read(), "<f4").reshape(height, width)[::-1]


def refine_by_command(command, options, picture, estimate):
    """The command's answer in the estimate's units."""
    low, span = float(estimate.min()), float(estimate.max() - estimate.min())
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("picture.png", "estimate.pfm", "answer.pfm")]
        Image.fromarray(picture).save(names[0])
        write_pfm(names[1], 0.05 + 0.95 * (estimate[0, 0].numpy() - low) / span)
        subprocess.run(
            [command, "depth", names[0], "--depth", names[1], "-o", names[2], "-q", "--threads", "1", *options],
            check=True,
        )
        return (read_pfm(names[2]) - 0.05) / 0.95 * span + low


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", help="kb3d, as it was built")
    parser.add_argument("networks", nargs="*", help="exported refinement networks")
    parser.add_argument("--estimates", metavar="DEPTH", help="a depth network of ours whose answers are refined")
    parser.add_argument("--count", type=int, default=COUNT)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    ways = {"bilinear": ["--skip", "adjust,refine"], "built-in filter": []}
    ways.update((name, ["--model", "refine=" + name]) for name in arguments.networks)
    rows = {way: [] for way in ways}
    if arguments.estimates:
        cases = answered_cases(arguments.estimates, arguments.count)
    else:
        cases = drawn_cases(arguments.count)
    for picture, estimate, wanted in cases:
        for way, options in ways.items():
            answer = refine_by_command(arguments.command, options, picture, estimate)
            rows[way].append(figures(answer, wanted))
    print("| way | %s |\n|---|%s" % (" | ".join(FIGURES), "---|" * len(FIGURES)))
    for way, found in rows.items():
        means = average(found)
        print("| %s | %s |" % (way, " | ".join("%.2f" % means[name] for name in FIGURES)))


if __name__ == "__main__":
    main()
