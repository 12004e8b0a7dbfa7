"""The U-Net of partial convolutions that 3D photo inpainting paints depth and colour with: seven halvings, seven
doublings that see the halvings' maps.

Its input's last two planes are context (what is known) and mask (what is wanted); the network is told that both are
valid, so that only what lies outside of both is left out.
"""

import torch
from torch import nn
from torch.nn import functional

from .partial import partial_convolution

WIDTHS = (64, 128, 256, 512, 512, 512, 512)
WINDOWS = (7, 5, 5, 3, 3, 3, 3)
LEVELS = len(WIDTHS)
MULTIPLE = 2**LEVELS


class PartialConvolution(nn.Module):
    """Where the weights' files keep a convolution; `mask_conv` is the window of ones that counts what is known."""

    def __init__(self, inputs, outputs, window, stride, has_bias):
        super().__init__()
        self.input_conv = nn.Conv2d(inputs, outputs, window, stride, window // 2, bias=has_bias)
        self.mask_conv = nn.Conv2d(inputs, outputs, window, stride, window // 2, bias=False)
        nn.init.kaiming_normal_(self.input_conv.weight)
        nn.init.ones_(self.mask_conv.weight).requires_grad_(False)

    def forward(self, x, mask):
        return partial_convolution(self.input_conv, x, mask)


class Step(nn.Module):
    def __init__(self, inputs, outputs, window=3, stride=1, has_bias=False, has_norm=True, slope=None):
        super().__init__()
        self.conv = PartialConvolution(inputs, outputs, window, stride, has_bias)
        if has_norm:
            self.bn = nn.BatchNorm2d(outputs)
        self.has_norm, self.slope = has_norm, slope

    def forward(self, x, mask):
        x, mask = self.conv(x, mask)
        x = self.bn(x) if self.has_norm else x
        return x if self.slope is None else functional.leaky_relu(x, self.slope), mask


class PartialUNet(nn.Module):
    """N x `inputs` x H x W, sides multiples of MULTIPLE, to N x `outputs` x H x W.

    `with_bias`: which halvings have one. `branch`: letter after the number of the last five doublings' names.
    """

    def __init__(self, inputs, outputs, with_bias, branch):
        super().__init__()
        widths = (inputs, *WIDTHS)
        for k in range(1, LEVELS + 1):
            self.add_module(
                "enc_%d" % k,
                Step(widths[k - 1], widths[k], WINDOWS[k - 1], 2, k in with_bias, has_norm=k > 1, slope=0.0),
            )
        self.doublings = {k: "dec_%d%s" % (k, branch if k <= 5 else "") for k in range(LEVELS, 0, -1)}
        for k, name in self.doublings.items():
            is_last = k == 1
            self.add_module(
                name,
                Step(
                    widths[k] + widths[k - 1], outputs if is_last else widths[k - 1],
                    has_bias=is_last, has_norm=not is_last, slope=None if is_last else 0.2,
                ),
            )

    def forward(self, x):
        mask = (x[:, -2:-1] + x[:, -1:]).clamp(0, 1).expand_as(x)
        maps = [(x, mask)]
        for k in range(1, LEVELS + 1):
            maps.append(getattr(self, "enc_%d" % k)(*maps[-1]))
        x, mask = maps.pop()
        for name in self.doublings.values():
            fine, fine_mask = maps.pop()
            x = torch.cat([functional.interpolate(x, scale_factor=2.0, mode="nearest"), fine], 1)
            mask = torch.cat([functional.interpolate(mask, scale_factor=2.0, mode="nearest"), fine_mask], 1)
            x, mask = getattr(self, name)(x, mask)
        return x
