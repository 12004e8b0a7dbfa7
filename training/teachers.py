"""Pseudo-labels for photographs: what several teachers say, kept on disk, and their vote.

    python -m training.teachers CACHE [--student MODEL]

Tiefenrausch and FastDepth answer once; a student, a checkpoint or export of ours, answers as often as it has learnt
something. Each is asked at several sizes and about the mirror image too: the mean is steadier than any one answer.
An answer is inverse depth of at most 192 pixels on the long side, as float16.
"""

import argparse
import functools
import os

import numpy as np
import torch

from training import paths
from training.networks import ask_at, load_model
from training.networks.steady import spread_one
from training.pictures import load_picture, resize_area, to_tensor

LABEL_SIDE = 192
TEACHERS = ("tiefenrausch", "fastdepth", "student")


def label_size(height, width, long_side):
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def cache_path(cache, teacher, picture):
    return os.path.join(cache, teacher, picture.replace("/", "__") + ".npy")


def ask_steadily(ask_one, picture, sizes, long_side, measure):
    """The mean answer over sizes, of the picture and its mirror image, on this long side.

    `ask_one`: picture and size to an answer; `measure` makes answers comparable.
    """
    shape = label_size(*picture.shape[:2], long_side)
    answers = []
    for size in sizes:
        for seen, turn in ((picture, lambda x: x), (np.ascontiguousarray(picture[:, ::-1]), lambda x: x.flip(3))):
            answers.append(measure(resize_area(turn(ask_one(seen, size)), shape)))
    return torch.stack(answers).mean(0)[0]


def ask_fastdepth(model, picture, size=224):
    """It knows one field of view and size; its answer is depth in metres."""
    height, width = picture.shape[:2]
    other = size * 10 // 7 // 32 * 32
    shape = (size, other) if width >= height else (other, size)
    return 1 / model(resize_area(to_tensor(picture), shape)).clamp(min=0.05)


ASK = {
    "tiefenrausch": (ask_at, (256, 384)),
    "fastdepth": (ask_fastdepth, (192, 224, 288)),
    "student": (ask_at, (192, 288, 384)),
}


def ask(teacher, model, picture):
    """Inverse depth at the size of labels, up to scale and shift."""
    function, sizes = ASK[teacher]
    with torch.no_grad():
        answer = ask_steadily(lambda seen, size: function(model, seen, size), picture, sizes, LABEL_SIDE, spread_one)
    return answer[0].numpy().astype(np.float16)


def fill_cache(cache, teacher, answer, again=False):
    """What a teacher says of every photograph to train on. `answer`: picture to an array to be kept."""
    os.makedirs(os.path.join(cache, teacher), exist_ok=True)
    for name in paths.training_photos():
        path = cache_path(cache, teacher, name)
        if again or not os.path.exists(path):
            kept = answer(load_picture(paths.data_path(name), 640))
            paths.write_whole(path, lambda part, kept=kept: np.save(part, kept))


def normalise(depth):
    """Median 0, mean absolute deviation 1: what differs between two answers up to scale and shift goes."""
    shifted = depth - np.median(depth)
    return shifted / (np.abs(shifted).mean() + 1e-4)


# What each teacher's word counts, by the kind of picture (photos.tsv): FastDepth has seen rooms only, and "lower is
# nearer" (`ramp`) is almost right outdoors. The student, which learnt from exact truth too, counts most.
WEIGHTS = {
    "room": {"tiefenrausch": 0.5, "fastdepth": 1.5, "ramp": 0.3, "student": 1.2},
    "close": {"tiefenrausch": 0.7, "fastdepth": 0.6, "ramp": 0.3, "student": 1.6},
    "outdoor": {"tiefenrausch": 0.8, "fastdepth": 0.1, "ramp": 0.4, "student": 1.6},
}


def vote(answers, kind):
    """The teachers' mean and its certainty, 0..1, per pixel. `answers`: teacher to inverse depth."""
    shape = next(iter(answers.values())).shape
    ramp = np.repeat(np.arange(shape[0], dtype=np.float32)[:, None], shape[1], 1)
    answers = dict(answers, ramp=ramp)
    maps = np.stack([np.clip(normalise(answer.astype(np.float32)), -6, 6) for answer in answers.values()])
    weights = np.array([WEIGHTS[kind][teacher] for teacher in answers], np.float32)
    weights = (weights / weights.sum())[:, None, None]
    mean = (weights * maps).sum(0)
    spread = np.sqrt((weights * (maps - mean) ** 2).sum(0))
    return mean, np.exp(-spread)


def load_vote(cache, picture, kind):
    """The vote of those teachers that have answered, or None if fewer than two have."""
    files = {teacher: cache_path(cache, teacher, picture) for teacher in TEACHERS}
    answers = {teacher: np.load(path) for teacher, path in files.items() if os.path.exists(path)}
    return vote(answers, kind) if len(answers) > 1 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", help="folder for the answers, outside the project")
    parser.add_argument("--student", metavar="MODEL", help="ask this network again, and no other")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    models = {"student": arguments.student}
    if not arguments.student:
        models = {teacher: paths.data_path("models", teacher + ".pt") for teacher in TEACHERS[:2]}
    for teacher, path in models.items():
        model = load_model(path)
        fill_cache(arguments.cache, teacher, functools.partial(ask, teacher, model), again=bool(arguments.student))


if __name__ == "__main__":
    main()
