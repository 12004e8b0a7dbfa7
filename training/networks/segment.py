"""The segmentation network: one picture to how likely each pixel is of each class of scenes.CLASSES.

A MobileNetV2 encoder; a context stage at 1/32, where a patch of cloth learns that a face is above it; a narrow decoder
up to 1/2; and scores, doubled. What is doubled is scores, not probabilities: outlines stay where two classes tie.
"""

from torch import nn

from training.networks.mobilenet import TAP_CHANNELS
from training.networks.parts import Context, OnEncoder, Up, double, positions
from training.scenes import CLASSES

WIDTHS = (24, 48, 64, 96, 128)


class SegmentNetwork(OnEncoder):
    """N x 3 x H x W of 0..1, sides multiples of 32, to N x classes x H x W of probabilities."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Conv2d(TAP_CHANNELS[4], WIDTHS[4], 1)
        self.place = nn.Sequential(nn.Conv2d(2, 32, 1), nn.ReLU(), nn.Conv2d(32, WIDTHS[4], 1))
        self.context = nn.Sequential(Context(WIDTHS[4]), Context(WIDTHS[4]))
        self.ups = nn.ModuleList([Up(WIDTHS[k + 1], TAP_CHANNELS[k], WIDTHS[k]) for k in (3, 2, 1, 0)])
        self.last = nn.Conv2d(WIDTHS[0], len(CLASSES), 3, padding=1)

    def scores(self, picture):
        """What the loss wants: logits."""
        maps = self.encoder(picture)
        x = self.enter(maps[4]) + self.place(positions(maps[4]))
        batch, width, height, breadth = x.shape
        x = self.context(x.flatten(2).transpose(1, 2))
        x = x.transpose(1, 2).reshape(batch, width, height, breadth)
        for up, skip in zip(self.ups, (maps[3], maps[2], maps[1], maps[0])):
            x = up(x, skip)
        return double(self.last(x))

    def forward(self, picture):
        return self.scores(picture).softmax(1)
