"""The segmentation network: one picture to how likely each pixel is of each class of scenes.CLASSES.

A MobileNetV2 encoder and what its classifier would call each place; a context stage at 1/32, where a patch of cloth learns
that a face is above it; a narrow decoder up to 1/2; and scores, doubled. What is doubled is scores, not probabilities: outlines stay where two classes tie.

The last layer tells finer classes apart than are asked for, the teacher's and the sky: that a cat is no dog and a chair
no table is worth learning, as it is what the teacher knows.
"""

import torch
from torch import nn

from training.networks.names import GROUPS, Names
from training.networks.parts import OnEncoder, double
from training.scenes import ANIMAL, PERSON, REST, SKY, VEHICLE

WIDTHS = (24, 48, 64, 96, 128)
# PASCAL VOC's classes, 0 its background, and one more for the sky: which of them are ours.
VOC_COUNT = 21
FINE = {
    REST: [0, 5, 9, 11, 16, 18, 20],
    PERSON: [15],
    ANIMAL: [3, 8, 10, 12, 13, 17],
    VEHICLE: [1, 2, 4, 6, 7, 14, 19],
    SKY: [VOC_COUNT],
}


def group(scores):
    """Scores of the finer classes to scores of ours, whose softmax has the sums of their probabilities."""
    return torch.cat([scores[:, FINE[kind]].logsumexp(1, keepdim=True) for kind in sorted(FINE)], 1)


def ours_of_voc(answer):
    """Probabilities of VOC's classes, N x 21 x H x W, to those of ours but the sky, which it does not know."""
    return torch.stack([answer[:, FINE[kind]].sum(1) for kind in sorted(FINE) if kind != SKY], 1)


class SegmentNetwork(OnEncoder):
    """N x 3 x H x W of 0..1, sides multiples of 32, to N x classes x H x W of probabilities."""

    def __init__(self):
        super().__init__(WIDTHS, place_width=32)
        self.names = Names()
        self.hear = nn.Conv2d(len(GROUPS), WIDTHS[4], 1)
        self.last = nn.Conv2d(WIDTHS[0], VOC_COUNT + 1, 3, padding=1)

    def begin(self, frozen):
        self.names.load()
        return super().begin(frozen)

    def beside(self, coarse):
        return self.hear(self.names(coarse))

    def fine_scores(self, picture):
        """Logits of the finer classes, at half the size."""
        return self.last(self.half(picture))

    def forward(self, picture):
        return double(group(self.fine_scores(picture))).softmax(1)
