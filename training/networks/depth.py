"""The depth network: one picture to inverse depth up to scale and shift.

A MobileNetV2 encoder; a context stage at 1/32 in which every place sees the whole picture; a decoder up to 1/2; and
a last doubling in which every pixel chooses a mean of its nine neighbours, so that outlines stay sharp.
"""

import torch
from torch import nn
from torch.nn import functional

from training.networks.mobilenet import TAP_CHANNELS, MobileNet

WIDTHS = (24, 48, 72, 112, 144)
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


class DepthNetwork(nn.Module):
    """N x 3 x H x W of 0..1, sides multiples of 32, to N x 1 x H x W, larger = nearer."""

    def __init__(self):
        super().__init__()
        self.encoder = MobileNet()
        self.enter = nn.Conv2d(TAP_CHANNELS[4], WIDTHS[4], 1)
        self.place = nn.Sequential(nn.Conv2d(2, 64, 1), nn.ReLU(), nn.Conv2d(64, WIDTHS[4], 1))
        self.context = nn.Sequential(Context(WIDTHS[4]), Context(WIDTHS[4]))
        self.ups = nn.ModuleList([Up(WIDTHS[k + 1], TAP_CHANNELS[k], WIDTHS[k]) for k in (3, 2, 1, 0)])
        self.depth = nn.Conv2d(WIDTHS[0], 1, 3, padding=1)
        self.choice = nn.Sequential(nn.Conv2d(WIDTHS[0], 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 36, 1))

    def forward(self, picture):
        maps = self.encoder(picture)
        x = self.enter(maps[4]) + self.place(positions(maps[4]))
        batch, width, height, breadth = x.shape
        x = self.context(x.flatten(2).transpose(1, 2))
        x = x.transpose(1, 2).reshape(batch, width, height, breadth)
        for up, skip in zip(self.ups, (maps[3], maps[2], maps[1], maps[0])):
            x = up(x, skip)
        return choose(self.depth(x), self.choice(x))

    def groups(self, rate, encoder_rate):
        """Learning rates: the encoder has learnt before."""
        known = {id(parameter) for parameter in self.encoder.parameters()}
        fresh = [parameter for parameter in self.parameters() if id(parameter) not in known]
        learning = [parameter for parameter in self.encoder.parameters() if parameter.requires_grad]
        return [{"params": learning, "lr": encoder_rate}, {"params": fresh, "lr": rate}]


def choose(coarse, choice):
    """Doubles a map: each new pixel is a weighted mean of the 3 x 3 coarse ones about it (Teed and Deng, RAFT)."""
    batch, _, height, width = coarse.shape
    weights = choice.view(batch, 9, 4, height, width).softmax(1)
    around = functional.unfold(functional.pad(coarse, (1, 1, 1, 1), mode="replicate"), 3)
    around = around.view(batch, 9, 1, height, width)
    return functional.pixel_shuffle((weights * around).sum(1), 2)
