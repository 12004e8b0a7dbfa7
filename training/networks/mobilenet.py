"""MobileNetV2 1.0 with batch norm folded in, as an encoder.

The weights' names and the padding are TensorFlow's: at stride 2 the picture is padded at the bottom and right only.
"""

import torch
from torch import nn
from torch.nn import functional

from training import paths

# Output channels, expansion, stride of blocks 1..17.
BLOCKS = (
    [(16, 1, 1)]
    + [(24, 6, 2), (24, 6, 1)]
    + [(32, 6, 2)]
    + [(32, 6, 1)] * 2
    + [(64, 6, 2)]
    + [(64, 6, 1)] * 3
    + [(96, 6, 1)] * 3
    + [(160, 6, 2)]
    + [(160, 6, 1)] * 2
    + [(320, 6, 1)]
)
# The last block of each resolution, 1/2 to 1/32, and its channels.
TAPS = (1, 3, 6, 13, 17)
TAP_CHANNELS = (16, 24, 32, 96, 320)


def convolve(layer, x):
    if layer.stride == (2, 2):
        x = functional.pad(x, (0, 1, 0, 1))
    return layer(x)


class Block(nn.Module):
    def __init__(self, inputs, outputs, expansion, stride):
        super().__init__()
        inner = inputs * expansion
        self.expand = nn.Conv2d(inputs, inner, 1) if expansion > 1 else None
        self.dw = nn.Conv2d(inner, inner, 3, stride, padding=1 if stride == 1 else 0, groups=inner)
        self.linear = nn.Conv2d(inner, outputs, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        y = x if self.expand is None else functional.relu6(self.expand(x))
        y = self.linear(functional.relu6(convolve(self.dw, y)))
        return x + y if self.is_residual else y


class MobileNet(nn.Module):
    """RGB 0..1, sides multiples of 32, to five maps of 1/2 to 1/32."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2)
        inputs = 32
        for number, (outputs, expansion, stride) in enumerate(BLOCKS, 1):
            self.add_module(str(number), Block(inputs, outputs, expansion, stride))
            inputs = outputs

    def forward(self, x):
        return self.first_maps(x, len(TAPS))

    def first_maps(self, x, count):
        """The largest maps only: the rest is not computed."""
        x = functional.relu6(convolve(self.stem, x * 2 - 1))
        maps = []
        for number in range(1, TAPS[count - 1] + 1):
            x = getattr(self, str(number))(x)
            if number in TAPS:
                maps.append(x)
        return maps

    def freeze(self, blocks):
        """The stem and the first blocks learn no more: their maps are the largest; it saves a third of a step."""
        if blocks:
            for module in [self.stem] + [getattr(self, str(number)) for number in range(1, blocks + 1)]:
                module.requires_grad_(False)


def load_imagenet():
    encoder = MobileNet()
    path = paths.data_path("models", "mobilenet_v2_imagenet_sd.pt")
    encoder.load_state_dict(torch.load(path, map_location="cpu"))
    return encoder
