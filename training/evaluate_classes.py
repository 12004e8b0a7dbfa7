"""Scores segmentation networks on the held-out photographs and on generated scenes.

    python -m training.evaluate_classes MODEL ... [--long-side 512] [--json OUT.json]

MODEL: a checkpoint of training.train, a TorchScript file of ours, or deeplab, the teacher.

IoU of people, animals and vehicles against COCO's maps, crowds ignored, over all pixels of all those photographs;
`things` is their mean. `sky` is the IoU of the sky on generated scenes. No map of real skies exists, so of photographs
we told by looking (sky.tsv) which show none, and elsewhere points within and beside it: `false_sky` is the share of
pixels called sky where there is none, `real_sky` the mean share of points told right, within and beside.
"""

import argparse
import csv
import json
import os

import numpy as np
import torch

from training import paths
from training.class_maps import ANY, THINGS, allowed_by_mask, load_mask, photos_with_mask
from training.evaluate import GENERATED, GENERATED_SEED, drawn_library
from training.networks import ask_at, load_model
from training.networks.segment import ours_of_voc
from training.pictures import load_picture, resize_area, to_tensor
from training.scenes import CLASSES, REST, SKY
from training.scenes.make import make_picture

SKY_LIST = os.path.join(paths.HERE, "sky.tsv")
FIGURES = ("things", "person", "animal", "vehicle", "sky", "real_sky", "false_sky")
VOC_SIDE = 513


def fit_deeplab(height, width, long_side):
    """It wants sides of 16 n + 1."""
    scale = (long_side - 1) / max(height, width) / 16
    return [max(1, round(side * scale)) * 16 + 1 for side in (height, width)]


def ask_deeplab(model, picture, long_side=VOC_SIDE):
    """Our first four classes: it knows no sky."""
    return ours_of_voc(model(resize_area(to_tensor(picture), fit_deeplab(*picture.shape[:2], long_side))))


def asker(name, long_side):
    if name == "deeplab":
        model = torch.jit.load(paths.data_path("models", "deeplab_mnv2_voc.pt"))
        return lambda picture: ask_deeplab(model, picture)
    model = load_model(name)
    return lambda picture: ask_at(model, picture, long_side)


def read_sky_list():
    """Held-out picture to (points within the sky, points beside it), each of (x, y) in 0..1; none of either = no sky."""

    def points(text):
        return [tuple(float(value) for value in pair.split(",")) for pair in text.split()]

    with open(SKY_LIST, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {row["picture"]: (points(row["sky"]), points(row["not sky"])) for row in rows}


def at(classes, points):
    height, width = classes.shape
    return np.array([classes[int(y * height), int(x * width)] for x, y in points])


class Overlap:
    """Intersection and union of each class over many pictures."""

    def __init__(self):
        self.both, self.either = np.zeros(len(CLASSES)), np.zeros(len(CLASSES))

    def add(self, classes, allowed):
        known = allowed != ANY
        for kind in range(len(CLASSES)):
            own, true = (classes == kind) & known, allowed == 1 << kind
            self.both[kind] += (own & true).sum()
            self.either[kind] += (own | true).sum()

    def of(self, kind):
        return self.both[kind] / self.either[kind] if self.either[kind] else float("nan")


class Validation:
    def __init__(self, device="cpu"):
        self.device = device
        names = photos_with_mask(paths.read_validation_list())
        self.masked = [(load_picture(paths.data_path(name)), allowed_by_mask(load_mask(name), "no")) for name in names]
        self.skies = [(load_picture(paths.data_path(name)), *points) for name, points in read_sky_list().items()]
        library = drawn_library()
        scenes = (make_picture(library, GENERATED_SEED, number, (320, 240))[0] for number in range(GENERATED))
        self.scenes = [(scene.color, np.left_shift(1, scene.classes)) for scene in scenes]

    def score(self, model, long_side):
        return self.tabulate(lambda picture: ask_at(lambda x: model(x.to(self.device)), picture, long_side))

    def tabulate(self, ask):
        def classes_of(picture):
            with torch.no_grad():
                return resize_area(ask(picture).float().cpu(), picture.shape[:2])[0].argmax(0).numpy()

        real, generated = Overlap(), Overlap()
        for picture, allowed in self.masked:
            classes = classes_of(picture)
            # Sky is judged apart: here it is as good as rest.
            real.add(np.where(classes == SKY, REST, classes), allowed)
        for picture, allowed in self.scenes:
            generated.add(classes_of(picture), allowed)
        table = {CLASSES[kind]: real.of(kind) for kind in THINGS}
        table["things"] = float(np.mean(list(table.values())))
        table["sky"] = generated.of(SKY)
        return dict(table, **self.judge_skies(classes_of))

    def judge_skies(self, classes_of):
        false_shares, within, beside = [], [], []
        for picture, sky, other in self.skies:
            classes = classes_of(picture)
            if sky:
                within += list(at(classes, sky) == SKY)
                beside += list(at(classes, other) != SKY)
            else:
                false_shares.append((classes == SKY).mean())
        return {
            "real_sky": float((np.mean(within) + np.mean(beside)) / 2),
            "false_sky": float(np.mean(false_shares)),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--long-side", type=int, default=512, help="for networks of ours")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    validation = Validation()
    tables = {name: validation.tabulate(asker(name, arguments.long_side)) for name in arguments.models}
    print("| | %s |" % " | ".join(FIGURES))
    print("|---|" + "---|" * len(FIGURES))
    for name, table in tables.items():
        print("| %s | %s |" % (name, " | ".join("%.3f" % table[figure] for figure in FIGURES)))
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(tables, file, indent=1)


if __name__ == "__main__":
    main()
