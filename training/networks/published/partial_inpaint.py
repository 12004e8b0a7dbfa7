"""The inpainting network of Improved 3D Ken Burns with partial convolutions: the same grid, in which every map carries
what it knows. Where two maps are added, a place is known if both know it; what is doubled is known where more than half
of it is.
"""

import torch
from torch import nn

from .blocks import activation, convolution, cut_to
from .inpaint import Inpaint
from .partial import partial_convolution


class PartialPair(nn.Module):
    """[PReLU,] partial convolution, PReLU, partial convolution; a map and its mask go in and come out."""

    def __init__(self, inputs, inner, outputs, stride=1, is_active=True):
        super().__init__()
        self.p_relu_1 = activation(inputs) if is_active else None
        self.conv1, self.conv2 = convolution(inputs, inner, stride), convolution(inner, outputs)
        self.p_relu_2 = activation(inner)

    def forward(self, known):
        x, mask = known
        x = x if self.p_relu_1 is None else self.p_relu_1(x)
        x, mask = partial_convolution(self.conv1, x, mask)
        return partial_convolution(self.conv2, self.p_relu_2(x), mask)


class PartialLateral(PartialPair):
    def __init__(self, width):
        super().__init__(width, width, width)

    def forward(self, known):
        x, mask = super().forward(known)
        return known[0] + x, mask


class PartialDown(PartialPair):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, outputs, stride=2)


class PartialUp(PartialPair):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, outputs)
        self.upsample = nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False)

    def forward(self, known):
        x, mask = known
        return super().forward((self.upsample(x), (self.upsample(mask) > 0.5).to(x.dtype)))


class PartialEnds(PartialPair):
    def __init__(self, inputs, inner, outputs):
        super().__init__(inputs, inner, outputs, is_active=False)
        self.moduleShortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, known):
        x, mask = super().forward(known)
        return x + partial_convolution(self.moduleShortcut, *known)[0], mask


class PartialInpaint(Inpaint):
    """As Inpaint. The mask is no plane of its input: the convolutions know it."""

    MASK_PLANES = 0

    def __init__(self):
        super().__init__(PartialEnds, lateral=PartialLateral, down=PartialDown, up=PartialUp)

    def add(self, one, two):
        return one[0] + cut_to(two[0], one[0]), torch.minimum(one[1], cut_to(two[1], one[1]))

    def paint(self, values, mask):
        known = self.through(self.moduleInput((values, mask.expand_as(values))))
        return self.moduleImage(known)[0], self.moduleDisparity(known)[0]
