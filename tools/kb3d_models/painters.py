"""Painters of holes that others have exported as TorchScript, LaMa and MI-GAN: what they want, put around them."""

import torch
from torch import nn

from .convert import Kind
from .scripted import load_scripted

MIGAN_SIDE = 512


class Lama(nn.Module):
    """Resolution-robust Large Mask Inpainting with Fourier Convolutions (Suvorov et al., 2022): its mask is 1 in holes."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, picture, known):
        return self.network(picture, 1 - known)


class Migan(nn.Module):
    """MI-GAN (Sargsyan et al., 2023): one input, the mask about zero and the picture from -1 to 1 with holes of 0."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, picture, known):
        painted = self.network(torch.cat([known - 0.5, (picture * 2 - 1) * known], 1)) / 2 + 0.5
        return painted.clamp(0, 1) * (1 - known) + picture * known


KINDS = (
    Kind(
        "lama", ("TORCHSCRIPT",), "LaMa", "Apache-2.0", "advimman/lama", "inpaint", "color",
        {"long_side": 1024, "multiple": 8}, lambda path: Lama(load_scripted(path)),
        note="Its training pictures, Places2, were given for research.",
    ),
    Kind(
        "migan", ("TORCHSCRIPT",), "MI-GAN", "MIT", "Picsart-AI-Research/MI-GAN", "inpaint", "color",
        {"exact": [MIGAN_SIDE, MIGAN_SIDE]}, lambda path: Migan(load_scripted(path)),
        note="Its training pictures, Places2, were given for research.",
    ),
)
