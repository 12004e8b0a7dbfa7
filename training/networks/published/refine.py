"""The refinement network of 3D Ken Burns: a disparity map of a quarter of the picture's size, doubled twice beside the
picture's own features. Picture and disparity come in by their own mean and deviation, so the answer has the input's unit.
"""

import torch
from torch import nn

from .blocks import Down, Ends, Up, cut_to, fit_to, statistics


class Refine(nn.Module):
    """N x 3 x H x W, BGR, and N x 1 x h x w, best a quarter of it, to N x 1 x H x W."""

    ENTRIES = {"forward": ((3, 1), (1, 4))}
    HAS_SHORTCUTS, LEAST = True, 0.0

    def __init__(self):
        super().__init__()
        has = self.HAS_SHORTCUTS
        self.moduleImageOne = Ends(3, 24, 24, has)
        self.moduleImageTwo = Down(24, 48)
        self.moduleImageThr = Down(48, 96)
        self.moduleDisparityOne = Ends(1, 96, 96, has)
        self.moduleDisparityTwo = Up(96 + 96, 96)
        self.moduleDisparityThr = Up(48 + 96, 48)
        self.moduleDisparityFou = Ends(24 + 48, 24, 24, has)
        self.moduleRefine = Ends(24, 24, 1, has)

    def forward(self, picture, disparity):
        mean, deviation = statistics(picture)
        one = self.moduleImageOne((picture - mean) / deviation)
        two = self.moduleImageTwo(one)
        three = self.moduleImageThr(two)
        mean, deviation = statistics(disparity)
        x = self.moduleDisparityOne((disparity - mean) / deviation)
        x = self.moduleDisparityTwo(torch.cat([three, fit_to(x, three)], 1))
        x = self.moduleDisparityThr(torch.cat([two, cut_to(x, two)], 1))
        x = self.moduleDisparityFou(torch.cat([one, cut_to(x, one)], 1))
        return (self.moduleRefine(x) * deviation + mean).clamp(min=self.LEAST)
