"""The inpainting network: what a moved camera uncovers, on top of the classical fill.

It has two entries. `context` looks at the source picture, once; its channels are moved with the picture's points, so
that each known pixel of a moved view remembers its surroundings, hidden ones too. `inpaint` corrects the classical
fill of one view: at first it adds nothing. Both work on blocks of 2 x 2 pixels, which takes a quarter of the time.
"""

import torch
from torch import nn
from torch.nn import functional

CONTEXT = 8
WIDTHS = (40, 64, 96, 128)


def convolution(inputs, outputs, stride=1, dilation=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation), nn.LeakyReLU(0.1))


class Residual(nn.Module):
    def __init__(self, width, dilation):
        super().__init__()
        self.first = convolution(width, width, dilation=dilation)
        self.second = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)

    def forward(self, x):
        return x + self.second(self.first(x))


class Up(nn.Module):
    """Doubles the coarse map and joins the fine one."""

    def __init__(self, coarse, fine):
        super().__init__()
        self.reduce = nn.Conv2d(coarse, fine, 1)
        self.mix = convolution(2 * fine, fine)

    def forward(self, coarse, fine):
        coarse = functional.interpolate(self.reduce(coarse), scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.mix(torch.cat([coarse, fine], 1))


class InpaintNetwork(nn.Module):
    """Sides are multiples of 16. Disparity is divided by the scene's largest, in and out; mask 1 = known, 0 = to paint.

    Colour and disparity come filled the classical way, not blurred, and go out as they were where the mask is 1.
    """

    ENTRIES = {"context": ((3, 1), (1, 1)), "inpaint": ((3, 1), (1, 1), (CONTEXT, 1), (1, 1))}

    def __init__(self):
        super().__init__()
        inputs = 3 + 1 + 1 + 1 + CONTEXT
        self.look = nn.Sequential(
            convolution(4 * 4, 32), convolution(32, 32, dilation=2), nn.Conv2d(32, 4 * CONTEXT, 3, padding=1)
        )
        self.enter = nn.Sequential(convolution(4 * inputs, WIDTHS[0]))
        self.downs = nn.ModuleList(
            nn.Sequential(convolution(fine, coarse, 2), convolution(coarse, coarse))
            for fine, coarse in zip(WIDTHS, WIDTHS[1:])
        )
        self.middle = nn.Sequential(Residual(WIDTHS[3], 2), Residual(WIDTHS[3], 4))
        self.ups = nn.ModuleList(Up(coarse, fine) for fine, coarse in reversed(list(zip(WIDTHS, WIDTHS[1:]))))
        self.leave = nn.Conv2d(WIDTHS[0], 4 * 4, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def context(self, picture, disparity):
        """N x 3 x H x W and N x 1 x H x W to N x CONTEXT x H x W."""
        seen = functional.pixel_unshuffle(torch.cat([picture - 0.5, disparity], 1), 2)
        return functional.pixel_shuffle(self.look(seen), 2)

    def inpaint(self, color, disparity, context, mask):
        """Colour N x 3 x H x W and disparity N x 1 x H x W without holes."""
        known = [color - 0.5, disparity, disparity * mask, mask, context * mask]
        maps = [self.enter(functional.pixel_unshuffle(torch.cat(known, 1), 2))]
        for down in self.downs:
            maps.append(down(maps[-1]))
        x = self.middle(maps.pop())
        for up in self.ups:
            x = up(x, maps.pop())
        change = functional.pixel_shuffle(self.leave(x), 2) * (1 - mask)
        painted = (color + change[:, :3]).clamp(0, 1) if not self.training else color + change[:, :3]
        return painted, (disparity + change[:, 3:]).clamp(min=0)

    def groups(self, rate, encoder_rate):
        return [{"params": list(self.parameters()), "lr": rate}]


def paint(network, batch):
    """The context moved as the picture was, then the view painted."""
    context = network.context(batch["picture"], batch["picture_depth"])
    moved = functional.grid_sample(
        context.float(), batch["place"].permute(0, 2, 3, 1), mode="bilinear", padding_mode="zeros", align_corners=False
    )
    return network.inpaint(batch["given"], batch["given_depth"], moved, batch["known"])
