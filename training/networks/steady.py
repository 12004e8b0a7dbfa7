"""A depth network that answers more steadily: asked at two sizes and about the mirror image, in one file.

Small pictures show it the layout, large ones outlines. The means of all answers is followed where it is smooth, and the
sharp answer's outlines are kept: a guided filter (He, Sun and Tang, 2010) of the mean with the sharp answer as its guide.
"""

import torch
from torch import nn
from torch.nn import functional

RADIUS = 8
LEAST_VARIANCE = 1e-4


def spread_one(answer):
    centred = answer - answer.mean()
    return centred / (centred.square().mean().sqrt() + 1e-6)


def box(x):
    side = 2 * RADIUS + 1
    return functional.avg_pool2d(x, side, 1, RADIUS, count_include_pad=False)


def follow(mean, sharp):
    """The mean, as a local linear function of the sharp answer."""
    middle, target = box(sharp), box(mean)
    variance = box(sharp * sharp) - middle * middle
    slope = (box(sharp * mean) - middle * target) / (variance + LEAST_VARIANCE)
    return box(slope) * sharp + box(target - slope * middle)


class Steady(nn.Module):
    """1 x 3 x H x W of 0..1, sides multiples of 32, to 1 x 1 x H x W, up to scale and shift."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def mirrored_too(self, picture):
        answers = self.network(torch.cat([picture, picture.flip(3)]))
        return spread_one(answers[:1] + answers[1:].flip(3))

    def forward(self, picture):
        sharp = self.mirrored_too(picture)
        half = [(side // 2 + 31) // 32 * 32 for side in picture.shape[2:]]
        coarse = self.mirrored_too(functional.adaptive_avg_pool2d(picture, half))
        coarse = functional.interpolate(coarse, size=picture.shape[2:], mode="bilinear", align_corners=False)
        return follow(sharp + coarse, sharp)
