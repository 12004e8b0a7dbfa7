"""Contact sheets: pictures beside the depth, or the classes, that networks see in them.

    python -m training.sheet OUT.png MODEL ... [--classes] [--count 24]
                             [--photos kodak | --photos FOLDER | --photos masks | --scenes FIRST]
"""

import argparse
import os

import numpy as np
import torch
from PIL import Image

from training import evaluate, evaluate_classes, paths
from training.class_maps import photos_with_mask
from training.pictures import load_picture, resize_area
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


# rest, person, animal, vehicle, sky
CLASS_COLORS = np.array([[0, 0, 0], [255, 40, 40], [255, 200, 0], [60, 220, 60], [60, 120, 255]], float)


def paint_classes(picture, shares):
    """The picture in grey, under the classes' colours, each as strong as the network is sure. H x W x C of shares."""
    shares = shares[..., : len(CLASS_COLORS)]
    colors = shares @ CLASS_COLORS[: shares.shape[2]]
    grey = picture.mean(2, keepdims=True) * (1 - 0.6 * (1 - shares[..., :1]))
    return np.clip(grey + 0.6 * colors, 0, 255).astype(np.uint8)


def cell(picture):
    image = Image.fromarray(picture)
    image.thumbnail(CELL, Image.BOX)
    canvas = Image.new("RGB", CELL)
    canvas.paste(image, ((CELL[0] - image.width) // 2, (CELL[1] - image.height) // 2))
    return np.asarray(canvas)


def photo_rows(folder, count):
    if folder == "masks":
        for name in photos_with_mask(paths.read_validation_list())[:count]:
            yield load_picture(paths.data_path(name)), None
        return
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
        yield picture.color, picture


class DepthCells:
    def __init__(self, models, size):
        self.askers = [evaluate.asker(model, [size or 384]) for model in models]

    def truth(self, scene):
        return paint(scene.inverse_depth)

    def answer(self, ask, picture):
        return paint(ask(picture)[0, 0].float().numpy())


class ClassCells:
    def __init__(self, models, size):
        self.askers = [evaluate_classes.asker(model, size or 512) for model in models]

    def truth(self, scene):
        return paint_classes(scene.color, np.eye(len(CLASS_COLORS))[scene.classes])

    def answer(self, ask, picture):
        shares = resize_area(ask(picture).float(), picture.shape[:2])[0].permute(1, 2, 0)
        return paint_classes(picture, shares.numpy().astype(float))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("models", nargs="*")
    parser.add_argument("--photos", default="kodak", help="a folder, or one below photos/ of the data; masks: those held out")
    parser.add_argument("--scenes", type=int, help="generated scenes from this number on, with their truth")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--classes", action="store_true")
    parser.add_argument("--size", type=int, help="the long side that networks of ours are asked at")
    parser.add_argument("--columns", type=int, default=3, help="pictures side by side")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cells_of = (ClassCells if arguments.classes else DepthCells)(arguments.models, arguments.size)
    if arguments.scenes is None:
        rows = photo_rows(arguments.photos, arguments.count)
    else:
        rows = scene_rows(arguments.scenes, arguments.count)
    blocks = []
    for picture, scene in rows:
        cells = [cell(picture)] + ([cell(cells_of.truth(scene))] if scene is not None else [])
        for ask in cells_of.askers:
            with torch.no_grad():
                cells.append(cell(cells_of.answer(ask, picture)))
        blocks.append(np.concatenate(cells, 1))
    while len(blocks) % arguments.columns:
        blocks.append(np.zeros_like(blocks[0]))
    lines = [np.concatenate(blocks[k : k + arguments.columns], 1) for k in range(0, len(blocks), arguments.columns)]
    Image.fromarray(np.concatenate(lines)).save(arguments.out)


if __name__ == "__main__":
    main()
