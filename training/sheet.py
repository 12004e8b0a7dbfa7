"""Contact sheets: pictures beside the depth that networks see in them.

python -m training.sheet OUT.png MODEL ... [--photos kodak | --photos FOLDER | --scenes FIRST] [--count 24]
"""

import argparse
import os

import numpy as np
import torch
from PIL import Image

from training import paths
from training.evaluate import asker
from training.pictures import load_picture
from training.scenes.library import load_library
from training.scenes.make import make_picture

CELL = (192, 144)


def paint(depth):
    """Near is light and warm, far is dark."""
    low, high = np.quantile(depth, (0.01, 0.99))
    value = np.clip((depth - low) / (high - low + 1e-9), 0, 1)[..., None]
    stops = np.array([[0, 0, 20], [90, 20, 110], [215, 70, 70], [250, 170, 40], [252, 253, 200]], float)
    place = value * (len(stops) - 1)
    index = np.minimum(place.astype(int)[..., 0], len(stops) - 2)
    part = place - index[..., None]
    return (stops[index] * (1 - part) + stops[index + 1] * part).astype(np.uint8)


def cell(picture):
    image = Image.fromarray(picture)
    image.thumbnail(CELL, Image.BOX)
    canvas = Image.new("RGB", CELL)
    canvas.paste(image, ((CELL[0] - image.width) // 2, (CELL[1] - image.height) // 2))
    return np.asarray(canvas)


def photo_rows(folder, count):
    path = folder if os.path.isdir(folder) else paths.data_path("photos", folder)
    names = sorted(
        name for name in os.listdir(path) if name.lower().endswith((".jpg", ".png")) and "-depth" not in name
    )
    step = max(1, len(names) // count)
    for name in names[::step][:count]:
        yield load_picture(os.path.join(path, name), 640), None


def scene_rows(first, count):
    library = load_library()
    for number in range(first, first + count):
        picture, _, _ = make_picture(library, 77, number, (320, 240))
        yield picture.color, picture.inverse_depth


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("models", nargs="*")
    parser.add_argument("--photos", default="kodak", help="a folder, or one below photos/ of the data")
    parser.add_argument("--scenes", type=int, help="generated scenes from this number on, with their truth")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--columns", type=int, default=3, help="pictures side by side")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    askers = [asker(model, [arguments.size]) for model in arguments.models]
    if arguments.scenes is None:
        rows = photo_rows(arguments.photos, arguments.count)
    else:
        rows = scene_rows(arguments.scenes, arguments.count)
    blocks = []
    for picture, truth in rows:
        cells = [cell(picture)] + ([cell(paint(truth))] if truth is not None else [])
        for ask in askers:
            with torch.no_grad():
                cells.append(cell(paint(ask(picture)[0, 0].float().numpy())))
        blocks.append(np.concatenate(cells, 1))
    while len(blocks) % arguments.columns:
        blocks.append(np.zeros_like(blocks[0]))
    lines = [np.concatenate(blocks[k : k + arguments.columns], 1) for k in range(0, len(blocks), arguments.columns)]
    Image.fromarray(np.concatenate(lines)).save(arguments.out)


if __name__ == "__main__":
    main()
