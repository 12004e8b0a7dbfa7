"""The disparity network of 3D Ken Burns: a GridNet of six rows, which sees what the picture shows at 1/16."""

from torch import nn

from .blocks import Ends
from .grid import Grid
from .semantics import Semantics

WIDTHS = (32, 48, 64, 512, 512, 512)
SEMANTICS_ROW = 3


class Disparity(Grid):
    """N x 3 x H x W, BGR of 0..1, and its semantics to N x 1 x H/2 x W/2, disparity at a focal length of half of 512."""

    LEAST = 0.0

    def __init__(self):
        super().__init__(WIDTHS)
        self.moduleImage = nn.Conv2d(3, WIDTHS[0], 7, stride=2, padding=3)
        self.moduleSemantics = nn.Conv2d(512, WIDTHS[SEMANTICS_ROW], 3, padding=1)
        self.moduleDisparity = Ends(WIDTHS[0], WIDTHS[0], 1)

    def forward(self, picture, semantics):
        x = self.through(self.moduleImage(picture), {SEMANTICS_ROW: self.moduleSemantics(semantics)})
        return self.moduleDisparity(x).clamp(min=self.LEAST)


class Estimation(nn.Module):
    """Both in one: N x 3 x H x W, BGR of 0..1, to N x 1 x H/2 x W/2. The semantics are not learnt again."""

    ENTRIES = {"forward": ((3, 1),)}

    def __init__(self, disparity=Disparity):
        super().__init__()
        self.semantics, self.disparity = Semantics().requires_grad_(False), disparity()

    def train(self, mode=True):
        super().train(mode)
        self.semantics.eval()
        return self

    def forward(self, picture):
        return self.disparity(picture, self.semantics(picture))
