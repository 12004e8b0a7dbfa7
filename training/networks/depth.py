"""The depth network: one picture to inverse depth up to scale and shift.

A MobileNetV2 encoder; a context stage at 1/32 in which every place sees the whole picture; a decoder up to 1/2; and
a last doubling in which every pixel chooses a mean of its nine neighbours, so that outlines stay sharp.
"""

from torch import nn
from torch.nn import functional

from training.networks.parts import OnEncoder

WIDTHS = (24, 48, 72, 112, 144)


class DepthNetwork(OnEncoder):
    """N x 3 x H x W of 0..1, sides multiples of 32, to N x 1 x H x W, larger = nearer."""

    def __init__(self):
        super().__init__(WIDTHS, place_width=64)
        self.depth = nn.Conv2d(WIDTHS[0], 1, 3, padding=1)
        self.choice = nn.Sequential(nn.Conv2d(WIDTHS[0], 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 36, 1))

    def forward(self, picture):
        x = self.half(picture)
        return choose(self.depth(x), self.choice(x))


def choose(coarse, choice):
    """Doubles a map: each new pixel is a weighted mean of the 3 x 3 coarse ones about it (Teed and Deng, RAFT)."""
    batch, _, height, width = coarse.shape
    weights = choice.view(batch, 9, 4, height, width).softmax(1)
    around = functional.unfold(functional.pad(coarse, (1, 1, 1, 1), mode="replicate"), 3)
    around = around.view(batch, 9, 1, height, width)
    return functional.pixel_shuffle((weights * around).sum(1), 2)
