"""What the networks have in common: the learnt encoder, a view of the whole picture, and the way back up."""

import torch
from torch import nn
from torch.nn import functional

from training.networks.mobilenet import TAP_CHANNELS, MobileNet, load_imagenet

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
    """An encoder that has learnt before, a view of the whole picture at 1/32, and the way back up to 1/2.

    `widths`: channels from 1/2 to 1/32; `place_width`: of what tells where in the picture a place is.
    """

    def __init__(self, widths, place_width):
        super().__init__()
        self.encoder = MobileNet()
        self.enter = nn.Conv2d(TAP_CHANNELS[4], widths[4], 1)
        self.place = nn.Sequential(nn.Conv2d(2, place_width, 1), nn.ReLU(), nn.Conv2d(place_width, widths[4], 1))
        self.context = nn.Sequential(Context(widths[4]), Context(widths[4]))
        self.ups = nn.ModuleList([Up(widths[k + 1], TAP_CHANNELS[k], widths[k]) for k in (3, 2, 1, 0)])

    def begin(self, frozen):
        """With what the encoder has learnt of ImageNet; its first `frozen` blocks stay so."""
        self.encoder = load_imagenet()
        self.encoder.freeze(frozen)
        return self

    def beside(self, coarse):
        """What else is known of each place at 1/32, from the encoder's map there."""
        return 0

    def half(self, picture):
        """N x widths[0] x H/2 x W/2."""
        maps = self.encoder(picture)
        x = self.enter(maps[4]) + self.place(positions(maps[4])) + self.beside(maps[4])
        batch, width, height, breadth = x.shape
        x = self.context(x.flatten(2).transpose(1, 2))
        x = x.transpose(1, 2).reshape(batch, width, height, breadth)
        for up, skip in zip(self.ups, (maps[3], maps[2], maps[1], maps[0])):
            x = up(x, skip)
        return x

    def groups(self, rate, encoder_rate):
        """Learning rates: the encoder has one of its own."""
        known = {id(parameter) for parameter in self.encoder.parameters()}
        fresh = [parameter for parameter in self.parameters() if id(parameter) not in known and parameter.requires_grad]
        learning = [parameter for parameter in self.encoder.parameters() if parameter.requires_grad]
        return [{"params": learning, "lr": encoder_rate}, {"params": fresh, "lr": rate}]
