"""People, animals and vehicles cut out of photographs by their class masks: real looks at a known place."""

import os

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from training import paths
from training.pictures import load_picture
from training.scenes import ANIMAL, PERSON, VEHICLE
from training.scenes.outlines import SIDE, Outline

CLASS_OF_MASK = {1: PERSON, 2: ANIMAL, 3: VEHICLE}
WORK_SIDE = 128
SMALLEST = 0.02
TEXTURE_SIDE = 256


class CutOut:
    """`texture`: 256 x 256, stretched; `aspect`: width over height; `is_cut`: by the photograph's lower edge."""

    def __init__(self, kind, outline, texture, aspect, is_cut):
        self.kind, self.outline, self.texture, self.aspect, self.is_cut = kind, outline, texture, aspect, is_cut
        self.number = None


def parts(mask):
    """Connected parts of a small mask, each as a mask: the largest label spreads until nothing changes."""
    labels = torch.arange(1, mask.size + 1, dtype=torch.float32).view(1, 1, *mask.shape)
    inside = torch.from_numpy(mask)[None, None]
    labels = torch.where(inside, labels, torch.zeros(1))
    while True:
        spread = torch.where(inside, functional.max_pool2d(labels, 3, 1, 1), torch.zeros(1))
        if torch.equal(spread, labels):
            break
        labels = spread
    labels = labels[0, 0].numpy()
    return [labels == label for label in np.unique(labels[labels > 0])]


def cut_outs_of(picture, class_map):
    """Whole parts only, but the frame's lower edge may cut them."""
    height, width = class_map.shape
    scale = WORK_SIDE / max(height, width)
    small = np.asarray(
        Image.fromarray(class_map).resize((round(width * scale), round(height * scale)), Image.NEAREST)
    )
    found = []
    for value, kind in CLASS_OF_MASK.items():
        for part in parts(small == value):
            rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
            top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
            if part.sum() < SMALLEST * part.size or top == 0 or left == 0 or right == part.shape[1]:
                continue
            box = tuple(round(float(side / scale)) for side in (left, top, right, bottom))
            whole = Image.fromarray(part).resize((width, height), Image.NEAREST)
            mask = (np.asarray(whole) & (class_map == value))[box[1] : box[3], box[0] : box[2]]
            if mask.size == 0 or mask.mean() < 0.25:
                continue
            outline = Outline(np.asarray(Image.fromarray(mask).resize((SIDE, SIDE), Image.NEAREST)))
            outline.is_pinned = True
            texture = np.asarray(
                Image.fromarray(picture).crop(box).resize((TEXTURE_SIDE, TEXTURE_SIDE), Image.BILINEAR)
            )
            found.append(
                CutOut(kind, outline, texture, (box[2] - box[0]) / (box[3] - box[1]), bottom == part.shape[0])
            )
    return found


def load_cut_outs():
    """From the photographs that may be trained on and have a class mask."""
    found = []
    for name in paths.training_photos():
        mask_path = paths.data_path("photos/training/masks", os.path.splitext(os.path.basename(name))[0] + ".png")
        if os.path.exists(mask_path):
            with Image.open(mask_path) as file:
                class_map = np.asarray(file.convert("L"))
            picture = load_picture(paths.data_path(name))
            if picture.shape[:2] == class_map.shape:
                found += cut_outs_of(picture, class_map)
    return found
