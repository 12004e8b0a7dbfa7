"""The refinement network: a picture and a depth map of fewer pixels to a map of the picture's size.

Every value of its answer is chosen among values of the map near by, in three rounds: among wide surroundings at a
quarter of the picture's size, which moves an edge to where it belongs, and among nine neighbours at each doubling. So
it can neither invent a depth nor, as it learns to choose one value alone at an edge, leave one between two surfaces.
Almost all of the work is done at 1/4 and below.
"""

import torch
from torch import nn
from torch.nn import functional

WIDTHS = (16, 32, 48, 64)
REACH = (1, 2, 4)
LOOKS = 4
SURROUNDINGS = 9


def convolve(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mix = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
        )

    def forward(self, x):
        return functional.relu(x + self.mix(x))


def scale_to(like, x):
    return functional.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


def average(x, size):
    return functional.avg_pool2d(x, size, 1, size // 2, count_include_pad=False)


def level(depth):
    """The map, and the map against its surroundings: an edge far away is an edge, however small its step."""
    mean = average(depth, SURROUNDINGS)
    spread = (average(depth * depth, SURROUNDINGS) - mean * mean).clamp(min=0).sqrt()
    return torch.cat([depth, (depth - mean) / (spread + 0.01), spread], 1)


def around(x, reaches):
    """The map itself, and as seen from each place `reaches` away in eight directions."""
    planes = [x]
    for reach in reaches:
        padded = functional.pad(x, (reach, reach, reach, reach), mode="replicate")
        height, width = padded.shape[2:]
        for row in range(3):
            for column in range(3):
                if (row, column) != (1, 1):
                    bottom, right = height - (2 - row) * reach, width - (2 - column) * reach
                    planes.append(padded[:, :, row * reach : bottom, column * reach : right])
    return planes


class Choice(nn.Module):
    """Each pixel becomes a weighted mean of the places around it, `parts` of them one pixel each of a larger map.

    A place counts by its direction, by how far it is trusted, and by how alike it looks to the pixel: the network
    learns what to look at, as a bilateral filter or attention does.
    """

    def __init__(self, width, colors, reaches, parts):
        super().__init__()
        self.reaches, self.parts = reaches, parts
        count = 1 + 8 * len(reaches)
        self.direction = nn.Conv2d(width, count * parts, 1)
        self.look = nn.Conv2d(width + colors, LOOKS * parts, 1)
        self.trust = nn.Conv2d(width, 1, 1)
        # At first each pixel is its own.
        with torch.no_grad():
            self.direction.bias[:parts] += 2

    def forward(self, x, colors, depth):
        batch, _, height, width = x.shape
        look = self.look(torch.cat([x, colors], 1)).view(batch, LOOKS, self.parts, height, width)
        places = around(torch.cat([depth, self.trust(x), look.mean(2)], 1), self.reaches)
        direction = self.direction(x).view(batch, len(places), self.parts, height, width)
        weights = [
            direction[:, k] + place[:, 1:2] - (look - place[:, 2:, None]).square().sum(1)
            for k, place in enumerate(places)
        ]
        weights = torch.stack(weights, 1).softmax(1)
        return sum(weights[:, k] * place[:, :1] for k, place in enumerate(places))


class RefineNetwork(nn.Module):
    """N x 3 x H x W of 0..1, sides multiples of 16, and N x 1 x h x w of any size, to N x 1 x H x W."""

    # Channels of the inputs, and by how much their sides are smaller than the picture's: what it is traced with.
    ENTRIES = {"forward": ((3, 1), (1, 3))}

    def __init__(self):
        super().__init__()
        half, quarter, eighth, least = WIDTHS
        self.enter = convolve(13, half)
        self.down4, self.level4, self.see4 = convolve(half + 1, quarter, 2), convolve(3, quarter), Block(quarter)
        self.down8 = nn.Sequential(convolve(quarter, eighth, 2), Block(eighth))
        self.down16 = nn.Sequential(convolve(eighth, least, 2), Block(least), Block(least))
        self.up8, self.mix8 = nn.Conv2d(least, eighth, 1), Block(eighth)
        self.up4, self.mix4 = nn.Conv2d(eighth, quarter, 1), Block(quarter)
        self.up2, self.mix2 = nn.Conv2d(quarter, half, 1), convolve(half, half)
        self.place = Choice(quarter, 3, REACH, 1)
        self.double4, self.double2 = Choice(quarter, 12, (1,), 4), Choice(half, 12, (1,), 4)

    def maps(self, picture, depth):
        """The answer at 1/4, 1/2 and 1 of the picture's size."""
        picture = picture * 2 - 1
        pixels = functional.pixel_unshuffle(picture, 2)
        small = functional.avg_pool2d(picture, 2)
        depth = scale_to(pixels, depth)
        quarter = functional.avg_pool2d(depth, 2)
        x2 = self.enter(torch.cat([pixels, depth], 1))
        x4 = self.see4(self.down4(torch.cat([x2, depth], 1)) + self.level4(level(quarter)))
        x8 = self.down8(x4)
        x16 = self.down16(x8)
        x8 = self.mix8(functional.relu(x8 + scale_to(x8, self.up8(x16))))
        x4 = self.mix4(functional.relu(x4 + scale_to(x4, self.up4(x8))))
        x2 = self.mix2(functional.relu(x2 + scale_to(x2, self.up2(x4))))
        quarter = self.place(x4, functional.avg_pool2d(small, 2), quarter)
        half = functional.pixel_shuffle(self.double4(x4, functional.pixel_unshuffle(small, 2), quarter), 2)
        return quarter, half, functional.pixel_shuffle(self.double2(x2, pixels, half), 2)

    def forward(self, picture, depth):
        return self.maps(picture, depth)[2]

    def groups(self, rate, encoder_rate):
        """Learning rates: all of it is new."""
        return [{"params": list(self.parameters()), "lr": rate}]
