"""Pseudo-labels of photographs' classes: what the teacher and a student of ours say, kept on disk.

    python -m training.class_labels CACHE [--student MODEL]

Both are asked at two sizes and about the mirror image too. An answer is C x H x W of probabilities as bytes, at most 256
pixels on the long side: C is 4 for the teacher, who knows no sky, and 5 for the student.
"""

import argparse
import os

import numpy as np
import torch

from training import paths
from training.class_maps import ANY, THINGS
from training.evaluate_classes import ask_deeplab, ask_ours
from training.networks import load_model
from training.pictures import load_picture, resize_area
from training.scenes import REST, SKY
from training.teachers import cache_path

LABEL_SIDE = 256
ASK = {"deeplab": (ask_deeplab, (385, 513)), "segment": (ask_ours, (320, 512))}


def ask(teacher, model, picture):
    function, sizes = ASK[teacher]
    scale = LABEL_SIDE / max(picture.shape[:2])
    shape = [max(1, round(side * scale)) for side in picture.shape[:2]]
    with torch.no_grad():
        answers = [resize_area(function(model, picture, size), shape) for size in sizes]
        mirrored = np.ascontiguousarray(picture[:, ::-1])
        answers += [resize_area(function(model, mirrored, size), shape).flip(3) for size in sizes]
    return torch.stack(answers).mean(0)[0].numpy()


def fill_cache(cache, teacher, model_path, again=False):
    model = load_model(model_path)
    os.makedirs(os.path.join(cache, teacher), exist_ok=True)
    for name in paths.training_photos():
        path = cache_path(cache, teacher, name)
        if os.path.exists(path) and not again:
            continue
        answer = ask(teacher, model, load_picture(paths.data_path(name), 640))
        np.save(path + ".part.npy", (answer * 255 + 0.5).astype(np.uint8))
        os.replace(path + ".part.npy", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", help="folder for the answers, outside the project")
    parser.add_argument("--student", metavar="MODEL", help="ask this network again, and no other")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.student:
        fill_cache(arguments.cache, "segment", arguments.student, again=True)
    else:
        fill_cache(arguments.cache, "deeplab", paths.data_path("models", "deeplab_mnv2_voc.pt"))


if __name__ == "__main__":
    main()
