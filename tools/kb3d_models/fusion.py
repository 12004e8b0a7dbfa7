"""How MiDaS and Depth Anything bring a coarse map and the next finer one together, after RefineNet (Lin et al., 2017)."""

from torch import nn
from torch.nn import functional


class Unit(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, x):
        return x + self.conv2(functional.relu(self.conv1(functional.relu(x))))


class Fusion(nn.Module):
    """The sum, brought to twice its size or to that of `like`."""

    def __init__(self, width, outputs):
        super().__init__()
        self.resConfUnit1, self.resConfUnit2 = Unit(width), Unit(width)
        self.out_conv = nn.Conv2d(width, outputs, 1)

    def forward(self, x, finer=None, like=None):
        x = self.resConfUnit2(x if finer is None else x + self.resConfUnit1(finer))
        size = {"scale_factor": 2.0} if like is None else {"size": like.shape[2:]}
        return self.out_conv(functional.interpolate(x, **size, mode="bilinear", align_corners=True))
