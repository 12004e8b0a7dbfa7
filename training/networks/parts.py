"""What the networks have in common: the learnt encoder, a view of the whole picture, and the way back up."""

import torch
from torch import nn
from torch.nn import functional

from training.networks.mobilenet import MobileNet

HEADS = 4


def double(x):
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def positions(x):
    """Two planes with where each pixel is, -1..1. Made of sums alone, so that a traced network keeps any size."""
    ones = torch.ones_like(x[:, :1])
    planes = []
    for axis in (2, 3):
        steps = ones.cumsum(axis) - 0.5
        planes.append(2 * steps / ones.sum(axis, keepdim=True) - 1)
    return torch.cat(planes, 1)


class Context(nn.Module):
    """Self-attention over all places, and a small network at each."""

    def __init__(self, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mix = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.part = width // HEADS

    def attend(self, x):
        batch, count, width = x.shape
        parts = self.query_key_value(x).view(batch, count, 3, HEADS, self.part).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        weights = (query @ key.transpose(2, 3) * self.part**-0.5).softmax(3)
        return self.out((weights @ value).transpose(1, 2).reshape(batch, count, width))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mix(self.norm2(x))


class Up(nn.Module):
    """Doubles the coarse map and joins the encoder's map of that size."""

    def __init__(self, coarse, skip, width):
        super().__init__()
        self.reduce = nn.Conv2d(coarse, width, 1)
        self.skip = nn.Conv2d(skip, width, 1)
        self.norm = nn.BatchNorm2d(width)
        self.mix = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )

    def forward(self, coarse, skip):
        x = functional.relu(self.norm(double(self.reduce(coarse)) + self.skip(skip)))
        return x + self.mix(x)


class OnEncoder(nn.Module):
    """A network whose encoder has learnt before: it learns at a rate of its own."""

    def __init__(self):
        super().__init__()
        self.encoder = MobileNet()

    def groups(self, rate, encoder_rate):
        known = {id(parameter) for parameter in self.encoder.parameters()}
        fresh = [parameter for parameter in self.parameters() if id(parameter) not in known]
        learning = [parameter for parameter in self.encoder.parameters() if parameter.requires_grad]
        return [{"params": learning, "lr": encoder_rate}, {"params": fresh, "lr": rate}]
