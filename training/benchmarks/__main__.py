import argparse
import sys

import numpy as np
import torch

import training.benchmarks
from training.benchmarks import ibims, nyu, stereo
from training.benchmarks.errors import DEPTH, OUTLINES, PLANES, depth_errors, outline_errors, plane_errors, to_metres
from training.depth_files import BadFile
from training.evaluate import asker, nan_mean
from training.inpainting import answer
from training.networks import load_model
from training.pictures import resize_area
from training.warp import soften


def errors_of(ask, case, fit):
    """All that the case's truth allows."""
    _, picture, truth, known, beside = case
    with torch.no_grad():
        found = resize_area(ask(picture).float(), truth.shape)[0, 0].numpy().astype(np.float64)
    depth = to_metres(found, truth, known, fit)
    row = depth_errors(depth, truth, known)
    if beside:
        row.update(outline_errors(depth, beside["edges"]))
        planes = [plane_errors(depth, truth, mask, beside["calibration"]) for mask in beside["planes"]]
        row.update({name: nan_mean([one[name] for one in planes]) for name in PLANES})
    return row


def judge_depth(cases, names, sizes, fit, figures):
    """Model to the means of its figures."""
    asks = {name: asker(name, sizes) for name in names}
    rows = {name: [] for name in names}
    for case in cases:
        for name, ask in asks.items():
            rows[name].append(errors_of(ask, case, fit))
    return {
        name: {figure: nan_mean([row[figure] for row in found]) for figure in figures} for name, found in rows.items()
    }


def judge_views(case, names):
    views = {"carry": case.given, "classical": soften(case.given, case.view.known)}
    views.update({name: answer(load_model(name), case)[0] for name in names})
    return {name: stereo.figures(case, view) for name, view in views.items()}


def print_table(tables, figures):
    print("| | %s |\n|---|%s" % (" | ".join(figures), "---|" * len(figures)))
    for name, table in tables.items():
        print("| %s | %s |" % (name, " | ".join("%.3f" % table[figure] for figure in figures)))


def make_parser():
    parser = argparse.ArgumentParser(
        prog="training.benchmarks", description=training.benchmarks.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind, files in (("nyu", ("labelled", "splits")), ("ibims", ("folder",))):
        one = kinds.add_parser(kind)
        for file in files:
            one.add_argument(file)
        one.add_argument("models", nargs="+")
        one.add_argument("--sizes", default="384", help="long sides whose answers are averaged")
        one.add_argument("--fit", choices=("depth", "inverse"), default="inverse", help="what scale and shift are of")
    views = kinds.add_parser("stereo")
    for file in ("left", "right", "disparity"):
        views.add_argument(file)
    views.add_argument("models", nargs="*")
    return parser


def main():
    arguments = make_parser().parse_args()
    torch.set_num_threads(1)
    try:
        if arguments.kind == "stereo":
            case = stereo.pair(arguments.left, arguments.right, arguments.disparity)
            print_table(judge_views(case, arguments.models), stereo.FIGURES)
            return
        sizes = [int(size) for size in arguments.sizes.split(",")]
        if arguments.kind == "nyu":
            cases, figures = nyu.cases(arguments.labelled, arguments.splits), DEPTH
        else:
            cases, figures = ibims.cases(arguments.folder), (*DEPTH, *OUTLINES, *PLANES)
        print_table(judge_depth(cases, arguments.models, sizes, arguments.fit, figures), figures)
    except (BadFile, OSError) as error:
        sys.exit("benchmarks: %s" % error)


if __name__ == "__main__":
    main()
