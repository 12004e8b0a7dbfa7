"""Pseudo-labels for photographs: what several teachers say, kept on disk, and their vote.

    python -m training.teachers CACHE [--student MODEL]

Tiefenrausch and FastDepth answer once; a student, a checkpoint or export of ours, answers as often as it has learnt
something. Every answer is inverse depth of at most 192 pixels on the long side, as float16.
"""

import argparse
import os

import numpy as np
import torch

from training import paths
from training.networks import load_model
from training.pictures import fit_size, load_picture, resize_area, to_tensor

LABEL_SIDE = 192
TEACHERS = ("tiefenrausch", "fastdepth", "student")


def label_size(height, width):
    scale = LABEL_SIDE / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def cache_path(cache, teacher, picture):
    return os.path.join(cache, teacher, picture.replace("/", "__") + ".npy")


def ask_tiefenrausch(model, picture):
    return model(resize_area(to_tensor(picture), fit_size(*picture.shape[:2], 384)))


def ask_fastdepth(model, picture):
    """It knows one field of view and size; its answer is depth in metres."""
    height, width = picture.shape[:2]
    size = (224, 320) if width >= height else (320, 224)
    return 1 / model(resize_area(to_tensor(picture), size)).clamp(min=0.05)


def ask_student(model, picture):
    """The mean over two sizes: a steadier answer than the student's own."""
    answers = []
    for side in (192, 320):
        answer = model(resize_area(to_tensor(picture), fit_size(*picture.shape[:2], side)))
        answer = resize_area(answer, label_size(*picture.shape[:2]))
        answers.append((answer - answer.mean()) / answer.std())
    return torch.stack(answers).mean(0)


def ask(teacher, model, picture):
    """Inverse depth at the size of labels."""
    answer = {"tiefenrausch": ask_tiefenrausch, "fastdepth": ask_fastdepth, "student": ask_student}[teacher]
    with torch.no_grad():
        return resize_area(answer(model, picture), label_size(*picture.shape[:2]))[0, 0].numpy()


def fill_cache(cache, teacher, model_path, pictures, again=False):
    model = load_model(model_path)
    os.makedirs(os.path.join(cache, teacher), exist_ok=True)
    for name in pictures:
        path = cache_path(cache, teacher, name)
        if os.path.exists(path) and not again:
            continue
        answer = ask(teacher, model, load_picture(paths.data_path(name), 640))
        np.save(path + ".part.npy", answer.astype(np.float16))
        os.replace(path + ".part.npy", path)


def normalise(depth):
    """Median 0, mean absolute deviation 1: what differs between two answers up to scale and shift goes."""
    shifted = depth - np.median(depth)
    return shifted / (np.abs(shifted).mean() + 1e-4)


def vote(answers):
    """The teachers' mean and its certainty, 0..1, per pixel.

    A teacher counts by how well it agrees with the others over the whole picture: FastDepth, which knows rooms
    only, falls silent outdoors without anybody telling which picture is outdoors.
    """
    answers = np.stack([np.clip(normalise(answer.astype(np.float32)), -6, 6) for answer in answers])
    likeness = np.clip(np.corrcoef(answers.reshape(len(answers), -1)), 0, 1)
    np.fill_diagonal(likeness, 0)
    weights = (likeness.mean(1) + 0.05) ** 2
    weights = (weights / weights.sum())[:, None, None]
    mean = (weights * answers).sum(0)
    spread = np.sqrt((weights * (answers - mean) ** 2).sum(0))
    return mean, np.exp(-spread)


def load_vote(cache, picture):
    """The vote of those teachers that have answered, or None if fewer than two have."""
    files = [cache_path(cache, teacher, picture) for teacher in TEACHERS]
    answers = [np.load(path) for path in files if os.path.exists(path)]
    return vote(answers) if len(answers) > 1 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", help="folder for the answers, outside the project")
    parser.add_argument("--student", metavar="MODEL", help="ask this network again, and no other")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pictures = paths.training_photos()
    if arguments.student:
        fill_cache(arguments.cache, "student", arguments.student, pictures, again=True)
        return
    for teacher in TEACHERS[:2]:
        fill_cache(arguments.cache, teacher, paths.data_path("models", teacher + ".pt"), pictures)


if __name__ == "__main__":
    main()
