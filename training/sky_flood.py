"""The sky of photographs that show one, by a flood from the top: no teacher knows it, and generated skies are not enough.

The flood runs over what is smooth and of a sky's colour. Where that leaks into snow, haze or smooth walls was seen by
looking at all of them: leaks.txt names those photographs, which get no such label.
"""

import os

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from training import paths

LEAKS_LIST = os.path.join(paths.HERE, "leaks.txt")
SIDE = 192
# Largest step between neighbours, of 255.
SMOOTH = 26


def read_leaks():
    with open(LEAKS_LIST, encoding="utf-8") as file:
        return {line.strip() for line in file if line.strip() and not line.startswith("#")}


def may_be_sky(picture):
    """Smooth, and bluish, grey or glaring; leaves, walls and night are not."""
    planes = functional.pad(torch.from_numpy(picture).permute(2, 0, 1)[None], (1, 1, 1, 1), mode="replicate")
    steps = functional.max_pool2d(planes, 3, 1) + functional.max_pool2d(-planes, 3, 1)
    red, green, blue = (picture[..., k] for k in range(3))
    colored = (picture.max(2) > 70) & (blue > green - 8) & (blue >= red - 40)
    return (steps.amax(1)[0].numpy() < SMOOTH) & colored | (picture.min(2) > 235)


def flood_sky(picture):
    """What can be reached from the upper edge, at 192 pixels on the long side."""
    scale = SIDE / max(picture.shape[:2])
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    small = np.asarray(Image.fromarray(picture).resize(size, Image.BOX)).astype(np.float32)
    open_ = torch.from_numpy(may_be_sky(small))[None, None].float()
    reached = open_.clone()
    reached[:, :, 2:] = 0
    while True:
        spread = functional.max_pool2d(reached, 3, 1, 1) * open_
        if torch.equal(spread, reached):
            return reached[0, 0].numpy() > 0
        reached = spread
