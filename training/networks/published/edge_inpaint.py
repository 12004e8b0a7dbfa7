"""Depth edges where nothing is known, of 3D photo inpainting, in the manner of EdgeConnect (Nazeri et al., 2019).

Two halvings, eight dilated residual blocks, two doublings that see the halvings' maps; spectral norm everywhere but in
the last layer.
"""

import torch
from torch import nn
from torch.nn.utils import spectral_norm

BLOCKS = 8
DILATION = 2


def normal(layer, width, slope):
    """The layer under spectral norm, instance norm and, if it has a slope, leaky ReLU."""
    return [spectral_norm(layer), nn.InstanceNorm2d(width), *([] if slope is None else [nn.LeakyReLU(slope)])]


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        first = nn.Conv2d(width, width, 3, dilation=DILATION, bias=False)
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(DILATION), *normal(first, width, 0.2),
            nn.ReflectionPad2d(1), *normal(nn.Conv2d(width, width, 3, bias=False), width, None),
        )

    def forward(self, x):
        return x + self.conv_block(x)


class EdgeInpaint(nn.Module):
    """N x 7 x H x W (RGB of 0..1 and disparity by its largest, both of the context; edges, context, mask), sides
    multiples of 4, to how likely each pixel is an edge."""

    def __init__(self):
        super().__init__()
        self.encoder_0 = nn.Sequential(nn.ReflectionPad2d(3), *normal(nn.Conv2d(7, 64, 7), 64, 0.0))
        self.encoder_1 = nn.Sequential(*normal(nn.Conv2d(64, 128, 4, 2, 1), 128, 0.0))
        self.encoder_2 = nn.Sequential(*normal(nn.Conv2d(128, 256, 4, 2, 1), 256, 0.0))
        self.middle = nn.Sequential(*(Residual(256) for _ in range(BLOCKS)))
        self.decoder_0 = nn.Sequential(*normal(nn.ConvTranspose2d(256 + 256, 128, 4, 2, 1), 128, 0.0))
        self.decoder_1 = nn.Sequential(*normal(nn.ConvTranspose2d(128 + 128, 64, 4, 2, 1), 64, 0.0))
        self.decoder_2 = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(64 + 64, 1, 7))

    def forward(self, x):
        one = self.encoder_0(x)
        two = self.encoder_1(one)
        three = self.encoder_2(two)
        x = self.decoder_0(torch.cat([self.middle(three), three], 1))
        x = self.decoder_1(torch.cat([x, two], 1))
        return self.decoder_2(torch.cat([x, one], 1)).sigmoid()
