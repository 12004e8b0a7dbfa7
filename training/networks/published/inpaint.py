"""The inpainting network of 3D Ken Burns: features of the source picture that move with its points, and a GridNet that
paints colour and disparity of a view beside them.

Everything is in terms of mean and deviation: of the source for its features, of what a view knows for painting it.
"""

import torch
from torch import nn

from .blocks import Ends, activation, convolution, statistics
from .grid import Grid

WIDTHS = (32, 64, 128, 256)
CONTEXT = 64


def normal(picture, disparity, known=None):
    """Both by their statistics, and these."""
    scales = statistics(picture, known), statistics(disparity, known)
    return [(x - mean) / deviation for x, (mean, deviation) in zip((picture, disparity), scales)], scales


class Inpaint(Grid):
    """Pictures are N x 3 x H x W, BGR of 0..1; disparity is N x 1 x H x W in any unit; mask 1 = known, 0 = to paint."""

    ENTRIES = {"context": ((3, 1), (1, 1)), "inpaint": ((3, 1), (1, 1), (CONTEXT, 1), (1, 1))}

    MASK_PLANES = 1

    def __init__(self, ends=Ends, **parts):
        super().__init__(WIDTHS, **parts)
        self.moduleContext = nn.Sequential(
            convolution(4, CONTEXT), activation(CONTEXT), convolution(CONTEXT, CONTEXT), activation(CONTEXT)
        )
        self.moduleInput = ends(3 + 1 + CONTEXT + self.MASK_PLANES, WIDTHS[0], WIDTHS[0])
        self.moduleImage = ends(WIDTHS[0], WIDTHS[0], 3)
        self.moduleDisparity = ends(WIDTHS[0], WIDTHS[0], 1)

    def context(self, picture, disparity):
        """What surrounds each pixel of the source, N x CONTEXT x H x W."""
        return self.moduleContext(torch.cat(normal(picture, disparity)[0], 1))

    def paint(self, values, mask):
        x = self.through(self.moduleInput(torch.cat([values * mask, mask], 1)))
        return self.moduleImage(x), self.moduleDisparity(x)

    def inpaint(self, color, disparity, context, mask):
        """A view, its holes and the context that came with its points, to colour and disparity without holes."""
        known, scales = normal(color, disparity, mask)
        answers = self.paint(torch.cat([*known, context], 1), mask)
        color, disparity = [x * deviation + mean for x, (mean, deviation) in zip(answers, scales)]
        return color if self.training else color.clamp(0, 1), disparity.clamp(min=0)
