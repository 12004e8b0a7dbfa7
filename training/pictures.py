"""Pictures in and out of files, and their size: always by exact area average when they shrink."""

import numpy as np
import torch
import torch.nn.functional as functional
from PIL import Image


def load_picture(path, long_side=None):
    """RGB as H x W x 3 of uint8, its long side at most `long_side`."""
    with Image.open(path) as file:
        image = file.convert("RGB")
    if long_side and max(image.size) > long_side:
        scale = long_side / max(image.size)
        image = image.resize([max(1, round(side * scale)) for side in image.size], Image.BOX)
    return np.asarray(image)


def load_depth(path):
    """Inverse depth over the picture's largest as float32, 0 = unknown, from 8 or 16 bits of grey."""
    with Image.open(path) as file:
        values = np.asarray(file if file.mode.startswith(("I", "L")) else file.convert("L"), np.float32)
    return values / max(float(values.max()), 1.0)


def to_tensor(picture):
    """1 x 3 x H x W of 0..1 from H x W x 3 of uint8."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255


def resize_area(tensor, size):
    """N x C x H x W by exact area average where it shrinks, bilinear where it grows."""
    height, width = tensor.shape[2:]
    if (height, width) == tuple(size):
        return tensor
    if size[0] > height or size[1] > width:
        return functional.interpolate(tensor, size=tuple(size), mode="bilinear", align_corners=False)
    rows = area_weights(height, size[0])
    columns = area_weights(width, size[1])
    return rows @ tensor @ columns.T


def area_weights(source, target):
    """A target x source matrix: each target cell is the mean of the source cells it covers."""
    edges = torch.arange(target + 1, dtype=torch.float64) * source / target
    cells = torch.arange(source, dtype=torch.float64)
    upper = torch.minimum(edges[1:, None], cells + 1)
    lower = torch.maximum(edges[:-1, None], cells)
    return ((upper - lower).clamp(min=0) * target / source).float()


def fit_size(height, width, long_side, multiple=32):
    """The size that a manifest with this long side and multiple gives a picture (kb3d_manifest_input_size)."""
    scale = long_side / max(height, width)
    most = long_side // multiple

    def fit(side):
        return min(max(int(side * scale / multiple + 0.5), 1), most) * multiple

    return fit(height), fit(width)
