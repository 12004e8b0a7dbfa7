"""How well holes are painted, on views that no network learns from, always beside the classical fill.

    python -m training.inpainting MODEL ... [--sheet OUT.png]

MODEL: a checkpoint of training.train, or an exported file. Judged are disocclusions with two ends, away from the frame's
border: generated pairs with drawn textures only, and the Motorcycle pair. PSNR in the holes, and the ratio of their
gradient energy to the truth's: a blur wins the first and looks bad. `carry` is the classical fill as the network gets it,
`classical` the same, blurred.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from training import paths
from training.evaluate import GENERATED_SEED, drawn_library
from training.networks import load_model
from training.networks.inpaint import paint
from training.pictures import load_picture
from training.scenes.pairs import render_pair
from training.warp import View, move, soften

PAIRS = 24
SIZE = (320, 240)
LEAST_HOLE = 0.002
FIGURES = ("scenes", "scenes_sharp", "scenes_depth", "motorcycle", "motorcycle_sharp")


@dataclass
class Case:
    name: str
    source: np.ndarray
    source_depth: np.ndarray
    truth: np.ndarray
    truth_depth: np.ndarray  # or None
    view: View

    def __post_init__(self):
        self.given = self.view.show(self.source)
        self.judged = ~self.view.known & (self.view.ends == 2)

    def batch(self):
        """As training.disocclusion makes them."""
        height, width = self.judged.shape
        half = np.array([width, height])[:, None, None] / 2
        planes = {
            "picture": self.source.transpose(2, 0, 1),
            "picture_depth": self.source_depth[None],
            "place": (self.view.place + 0.5) / half - 1,
            "given": self.given.transpose(2, 0, 1),
            "given_depth": self.view.depth[None],
            "known": self.view.known[None],
        }
        return {name: torch.from_numpy(np.array(plane[None], np.float32)) for name, plane in planes.items()}


def generated_cases():
    library = drawn_library()
    found, number = 0, 0
    while found < PAIRS:
        (source, truth), (source_depth, truth_depth), motion = render_pair(library, GENERATED_SEED, number, SIZE)
        number += 1
        view = move(source_depth, motion)
        case = Case("scenes", source / np.float32(255), source_depth, truth / np.float32(255), truth_depth, view)
        if case.judged.mean() > LEAST_HOLE:
            found += 1
            yield case


def fill_rows(disparity):
    """Unknown disparity is that of the farther neighbour in its row."""
    known = np.isfinite(disparity)
    column = np.where(known, np.arange(disparity.shape[1]), 0)
    before = np.take_along_axis(disparity, np.maximum.accumulate(column, 1), 1)
    column = np.where(known, np.arange(disparity.shape[1]), disparity.shape[1] - 1)
    after = np.take_along_axis(disparity, np.minimum.accumulate(column[:, ::-1], 1)[:, ::-1], 1)
    return np.where(known, disparity, np.fmin(before, after))


def motorcycle_case():
    folder = paths.data_path("rgbd", "motorcycle", "motorcycle_")
    left, right = (load_picture(folder + side + ".png")[:496, :736] / np.float32(255) for side in ("left", "right"))
    disparity = fill_rows(np.load(folder + "disp.npz")["arr_0"])[:496, :736]
    largest = float(disparity.max())
    depth = (disparity / largest).astype(np.float32)
    return Case("motorcycle", left, depth, right, None, move(depth, (-largest, 0, 0)))


def energy(picture, judged):
    """Squared differences of neighbours of which one is judged."""
    total = 0.0
    for axis in (0, 1):
        first, second = (slice(None, -1), slice(1, None)) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        total += float((((picture[first] - picture[second]) ** 2).sum(2) * (judged[first] | judged[second])).sum())
    return total


def judge(case, picture):
    error = float(((np.clip(picture, 0, 1) - case.truth)[case.judged] ** 2).mean())
    return -10 * np.log10(error + 1e-9), energy(picture, case.judged), energy(case.truth, case.judged)


def answer(model, case, device="cpu"):
    """A network's painted picture and disparity."""
    with torch.no_grad():
        batch = {name: plane.to(device) for name, plane in case.batch().items()}
        color, depth = (values[0].float().cpu().numpy() for values in paint(model, batch))
    return np.where(case.view.known[..., None], case.given, color.transpose(1, 2, 0)), depth[0]


class Validation:
    def __init__(self):
        self.cases = [*generated_cases(), motorcycle_case()]

    def answers(self, model, device="cpu"):
        """Case, painted picture and disparity."""
        for case in self.cases:
            yield case, *answer(model, case, device)

    def classical(self, blurred):
        for case in self.cases:
            yield case, soften(case.given, case.view.known) if blurred else case.given, case.view.depth

    def tabulate(self, answers):
        rows, depth_errors = {}, []
        for case, picture, depth in answers:
            rows.setdefault(case.name, []).append(judge(case, picture))
            if case.truth_depth is not None:
                depth_errors.append(float(np.abs(depth - case.truth_depth)[case.judged].mean()))
        table = {"scenes_depth": float(np.mean(depth_errors))}
        for name, found in rows.items():
            decibels, own, true = np.array(found).T
            table[name], table[name + "_sharp"] = float(decibels.mean()), float(own.sum() / true.sum())
        return table

    def score(self, model, device="cpu"):
        return self.tabulate(self.answers(model, device))

    def draw_sheet(self, path, model):
        """Rows of hole, classical, painted, truth, about each case's holes."""
        rows = []
        for case, picture, _ in self.answers(model):
            row, column = np.nonzero(case.judged)
            top = int(np.clip(np.median(row) - 80, 0, max(case.judged.shape[0] - 160, 0)))
            left = int(np.clip(np.median(column) - 112, 0, max(case.judged.shape[1] - 224, 0)))
            hole = case.given * case.view.known[..., None]
            cells = [hole, soften(case.given, case.view.known), picture, case.truth]
            window = [cell[top : top + 160, left : left + 224] for cell in cells]
            rows.append(np.concatenate(window, 1))
        half = (len(rows) + 1) // 2
        rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
        sheet = np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], 1)
        Image.fromarray((np.clip(sheet, 0, 1) * 255 + 0.5).astype(np.uint8)).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--sheet", help="contact sheet of the first network's answers")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    validation = Validation()
    models = {name: load_model(name) for name in arguments.models}
    tables = {
        "carry": validation.tabulate(validation.classical(False)),
        "classical": validation.tabulate(validation.classical(True)),
        **{name: validation.score(model) for name, model in models.items()},
    }
    print("| | %s |\n|---|%s" % (" | ".join(FIGURES), "---|" * len(FIGURES)))
    for name, table in tables.items():
        print("| %s | %s |" % (name, " | ".join("%.3f" % table[figure] for figure in FIGURES)))
    if arguments.sheet:
        validation.draw_sheet(arguments.sheet, models[arguments.models[0]])


if __name__ == "__main__":
    main()
