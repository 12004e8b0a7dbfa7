"""A network that answers more steadily: asked at two sizes and about the mirror image, in one file.

Small pictures show it the layout, large ones outlines; what one answer has wrong by chance, the mean has less of.
"""

import torch
from torch import nn
from torch.nn import functional


def spread_one(answer):
    """Brings answers that are true up to scale and shift to one measure."""
    centred = answer - answer.mean()
    return centred / (centred.square().mean().sqrt() + 1e-6)


class Steady(nn.Module):
    """1 x 3 x H x W of 0..1, sides multiples of 32, to the mean answer, 1 x C x H x W.

    `measure` makes answers comparable before they are averaged.
    """

    def __init__(self, network, measure):
        super().__init__()
        self.network, self.measure = network, measure

    def mirrored_too(self, picture):
        answers = self.network(torch.cat([picture, picture.flip(3)]))
        return self.measure((answers[:1] + answers[1:].flip(3)) / 2)

    def forward(self, picture):
        half = [(side // 2 + 31) // 32 * 32 for side in picture.shape[2:]]
        coarse = self.mirrored_too(functional.adaptive_avg_pool2d(picture, half))
        coarse = functional.interpolate(coarse, size=picture.shape[2:], mode="bilinear", align_corners=False)
        return (self.mirrored_too(picture) + coarse) / 2
