"""What a picture shows, for the disparity network: VGG19 with batch norm up to its fourth pooling.

The names are torchvision's (`features.0.weight` and on), whose weights of ImageNet it takes. Pooling rounds sizes up,
as strided convolutions do.
"""

import torch
from torch import nn

# Convolutions between poolings, and their width.
STAGES = ((2, 64), (2, 128), (4, 256), (4, 512))
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class Semantics(nn.Module):
    """N x 3 x H x W, BGR of 0..1, to N x 512 x H/16 x W/16."""

    def __init__(self):
        super().__init__()
        layers, inputs = [], 3
        for count, width in STAGES:
            for _ in range(count):
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                inputs = width
            layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)

    def forward(self, picture):
        return self.features((picture.flip(1) - self.mean) / self.deviation)
