"""Scores depth networks on the held-out pictures, always beside "lower is nearer".

    python -m training.evaluate MODEL ... [--sizes 256,384] [--json OUT.json]

MODEL: a checkpoint of training.train, a TorchScript file of ours, y-ramp, tiefenrausch or fastdepth.
"""

import argparse
import json

import numpy as np
import torch

from training import paths
from training.metrics import GRID, score
from training.networks import ask_at, load_model
from training.networks.steady import spread_one
from training.pictures import load_depth, load_picture, resize_area
from training.scenes.library import Library
from training.scenes.make import make_picture
from training.teachers import ask_fastdepth

GENERATED = 48
GENERATED_SEED = 987654
SETS = {
    "planes_realsense": "rooms",
    "pcl": "rooms",
    "tum_open3d": "rooms",
    "cleargrasp_real": "tabletops",
    "arc_tote": "tabletops",
}
FIGURES = ("rho", "ordinal", "local", "delta1", "delta2", "delta3", "abs_rel", "boundary")


def on_grid(depth):
    """The nearest values at 320 pixels on the long side: no mean of two depths."""
    scale = GRID / max(depth.shape)
    rows, columns = (max(1, round(side * scale)) for side in depth.shape)
    y = ((np.arange(rows) + 0.5) * depth.shape[0] / rows).astype(int)
    x = ((np.arange(columns) + 0.5) * depth.shape[1] / columns).astype(int)
    return depth[y[:, None], x]


def held_out_cases():
    """(set, picture, truth): truth on the grid, -1 = unknown."""
    for name in paths.read_validation_list():
        path = paths.data_path(name)
        if name.startswith("training_rgbd/"):
            truth = on_grid(load_depth(path[:-3] + "png"))
            yield SETS[name.split("/")[1]], load_picture(path), np.where(truth > 0, truth, -1)
        elif name.startswith("photos/phone_depth/"):
            # These files are brighter where it is farther.
            yield "phone", load_picture(path, 640), 1 - on_grid(load_depth(path.replace("-image", "-depth")))
        elif "udacity" in name:
            # Without truth: what a flat road would be.
            picture = load_picture(path)
            yield "roads", picture, on_grid(ramp(picture))


def drawn_library():
    """Without anything cut from photographs: what is made with it may be shown anywhere."""
    return Library(seed=GENERATED_SEED, drawn=60, outlines=8)


def generated_cases():
    """Scenes of a seed that is never trained on, with drawn textures only."""
    library = drawn_library()
    for number in range(GENERATED):
        picture, scene, _ = make_picture(library, GENERATED_SEED, number, (320, 240))
        truth = picture.inverse_depth / max(float(np.quantile(picture.inverse_depth, 0.99)), 1e-6)
        name = "gen-out" if scene.layout in ("street", "yard", "nature") else "gen-in"
        yield name, picture.color, truth


def ramp(picture):
    height, width = picture.shape[:2]
    return np.repeat((np.arange(height, dtype=np.float32) + 1)[:, None] / height, width, 1)


def ask_ours(model, picture, sizes):
    """The mean over sizes, each brought to spread 1, on the finest of them."""
    answers = [spread_one(ask_at(model, picture, side)) for side in sizes]
    finest = answers[-1].shape[2:]
    return sum(resize_area(answer, finest) for answer in answers) / len(answers)


class Validation:
    def __init__(self, device="cpu"):
        self.device = device
        self.cases = list(held_out_cases()) + list(generated_cases())

    def answers(self, ask):
        """Inverse depth on each case's grid. `ask`: picture to 1 x 1 x H x W."""
        for name, picture, truth in self.cases:
            with torch.no_grad():
                yield name, picture, truth, resize_area(ask(picture).float().cpu(), truth.shape)[0, 0].numpy()

    def score(self, model, sizes, with_outlines=True):
        def on_device(tensor):
            return model(tensor.to(self.device)).float().cpu()

        return self.tabulate(lambda picture: ask_ours(on_device, picture, sizes), with_outlines)

    def tabulate(self, ask, with_outlines=True):
        """Set to figures; "mean" is the mean of the sets with truth."""
        rows = {}
        for name, _, truth, answer in self.answers(ask):
            rows.setdefault(name, []).append(score(answer, truth, with_outlines))
        table = {
            name: {figure: nan_mean([row[figure] for row in found]) for figure in found[0]}
            for name, found in rows.items()
        }
        judged = [cell for name, cell in table.items() if name != "roads"]
        table["mean"] = {figure: nan_mean([cell[figure] for cell in judged]) for figure in judged[0]}
        return table


def nan_mean(values):
    values = [value for value in values if value == value]
    return float(np.mean(values)) if values else float("nan")


def asker(name, sizes):
    if name == "y-ramp":
        return lambda picture: torch.from_numpy(ramp(picture))[None, None]
    if name == "tiefenrausch":
        model = torch.jit.load(paths.data_path("models", "tiefenrausch.pt"))
        return lambda picture: ask_at(model, picture, 384)
    if name == "fastdepth":
        model = torch.jit.load(paths.data_path("models", "fastdepth.pt"))
        return lambda picture: ask_fastdepth(model, picture)
    model = load_model(name)
    return lambda picture: ask_ours(model, picture, sizes)


def print_table(tables):
    """Cells: rho/ordinal/local; then the other figures' means."""
    names = list(next(iter(tables.values())))
    print("| | %s |" % " | ".join(names))
    print("|---|" + "---|" * len(names))
    for model, table in tables.items():
        cells = [
            "%.3f/%.3f/%.3f" % (table[name]["rho"], table[name]["ordinal"], table[name]["local"]) for name in names
        ]
        print("| %s | %s |" % (model, " | ".join(cells)))
    print("\n| mean | %s |" % " | ".join(FIGURES[3:]))
    print("|---|" + "---|" * len(FIGURES[3:]))
    for model, table in tables.items():
        print("| %s | %s |" % (model, " | ".join("%.3f" % table["mean"][figure] for figure in FIGURES[3:])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument(
        "--sizes", default="384", help="long sides whose answers are averaged, for networks of ours"
    )
    parser.add_argument("--json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    validation = Validation()
    tables = {name: validation.tabulate(asker(name, sizes)) for name in ["y-ramp"] + arguments.models}
    print_table(tables)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(tables, file, indent=1)


if __name__ == "__main__":
    main()
