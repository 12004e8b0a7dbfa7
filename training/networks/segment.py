"""The segmentation network: one picture to how likely each pixel is of each class of scenes.CLASSES.

A MobileNetV2 encoder; a context stage at 1/32, where a patch of cloth learns that a face is above it; a narrow decoder
up to 1/2; and scores, doubled. What is doubled is scores, not probabilities: outlines stay where two classes tie.
"""

from torch import nn

from training.networks.parts import OnEncoder, double
from training.scenes import CLASSES

WIDTHS = (24, 48, 64, 96, 128)


class SegmentNetwork(OnEncoder):
    """N x 3 x H x W of 0..1, sides multiples of 32, to N x classes x H x W of probabilities."""

    def __init__(self):
        super().__init__(WIDTHS, place_width=32)
        self.last = nn.Conv2d(WIDTHS[0], len(CLASSES), 3, padding=1)

    def scores(self, picture):
        """What the loss wants: logits."""
        return double(self.last(self.half(picture)))

    def forward(self, picture):
        return self.scores(picture).softmax(1)
