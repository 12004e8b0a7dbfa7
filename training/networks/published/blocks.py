"""What the networks of 3D Ken Burns are built of. `moduleMain` and `moduleShortcut` are names in the weights' files."""

import torch
from torch import nn
from torch.nn import functional

TINY = 1e-7


def convolution(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1)


def activation(width):
    return nn.PReLU(width, init=0.25)


def active_pair(inputs, outputs, stride=1):
    """PReLU, convolution, PReLU, convolution."""
    return [activation(inputs), convolution(inputs, outputs, stride), activation(outputs), convolution(outputs, outputs)]


class Lateral(nn.Module):
    """Along a row of a grid: a residual of the same width."""

    def __init__(self, width):
        super().__init__()
        self.moduleMain = nn.Sequential(*active_pair(width, width))

    def forward(self, x):
        return x + self.moduleMain(x)


class Down(nn.Module):
    """To half the size."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.moduleMain = nn.Sequential(*active_pair(inputs, outputs, stride=2))

    def forward(self, x):
        return self.moduleMain(x)


class Up(nn.Module):
    """To twice the size."""

    def __init__(self, inputs, outputs):
        super().__init__()
        doubling = nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False)
        self.moduleMain = nn.Sequential(doubling, *active_pair(inputs, outputs))

    def forward(self, x):
        return self.moduleMain(x)


class Ends(nn.Module):
    """What a network begins and ends with: convolution, PReLU, convolution, and beside them a 1 x 1 shortcut."""

    def __init__(self, inputs, inner, outputs, has_shortcut=True):
        super().__init__()
        self.moduleMain = nn.Sequential(convolution(inputs, inner), activation(inner), convolution(inner, outputs))
        self.moduleShortcut = nn.Conv2d(inputs, outputs, 1) if has_shortcut else None

    def forward(self, x):
        return self.moduleMain(x) + (0 if self.moduleShortcut is None else self.moduleShortcut(x))


def statistics(x, known=None):
    """Mean and deviation of each picture, over all its planes; of its known pixels alone where a mask tells which."""
    if known is None:
        known = torch.ones_like(x[:, :1])
    count = known.sum((1, 2, 3), keepdim=True).clamp(min=1) * x.shape[1]
    mean = (x * known).sum((1, 2, 3), keepdim=True) / count
    variance = ((x - mean).square() * known).sum((1, 2, 3), keepdim=True) / count
    return mean, variance.sqrt() + TINY


def cut_to(x, like):
    """What was doubled may have a row or a column too many."""
    return x[:, :, : like.shape[2], : like.shape[3]]


def fit_to(x, like):
    return functional.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)
