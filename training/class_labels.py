"""Pseudo-labels of photographs' classes: what the teacher and a student of ours say, kept on disk.

    python -m training.class_labels CACHE [--student MODEL]

Both are asked at two sizes and about the mirror image too. An answer is C x H x W of probabilities as bytes, at most 256
pixels on the long side: C is 4 for the teacher, who knows no sky, and 5 for the student.
"""

import argparse
import functools

import numpy as np
import torch

from training import paths
from training.evaluate_classes import ask_deeplab
from training.networks import ask_at, load_model
from training.teachers import ask_steadily, fill_cache

LABEL_SIDE = 256
ASK = {"deeplab": (ask_deeplab, (513, 769)), "segment": (ask_at, (320, 512))}


def ask(teacher, model, picture):
    function, sizes = ASK[teacher]
    with torch.no_grad():
        shares = ask_steadily(
            lambda seen, size: function(model, seen, size), picture, sizes, LABEL_SIDE, lambda shares: shares
        )
    return (shares.numpy() * 255 + 0.5).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", help="folder for the answers, outside the project")
    parser.add_argument("--student", metavar="MODEL", help="ask this network again, and no other")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    teacher = "segment" if arguments.student else "deeplab"
    model = load_model(arguments.student or paths.data_path("models", "deeplab_mnv2_voc.pt"))
    fill_cache(arguments.cache, teacher, functools.partial(ask, teacher, model), again=bool(arguments.student))


if __name__ == "__main__":
    main()
