"""What tells painted views from real ones, of Improved 3D Ken Burns: by patches, or at several scales beside the features
of a network that has learnt what pictures show.

Both answer maps of how real each place looks, for a least-squares loss against one and zero. Features, the
perceptual kinds' input, come from outside (VGG16's after relu1_2, relu2_2 and relu3_3, or others of such sizes), so
that no weights of theirs are among these.
"""

import torch
from torch import nn
from torch.nn.utils import spectral_norm

SLOPE = 0.2


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride=2, dilation=1, has_norm=True):
        super().__init__()
        norm = [nn.BatchNorm2d(outputs)] if has_norm else []
        # Enough for small crops too: a window of 25 would not fit into them.
        layer = nn.Conv2d(inputs, outputs, 4, stride, padding=3 * dilation // 2, dilation=dilation)
        self.conv = nn.Sequential(layer, *norm, nn.LeakyReLU(SLOPE))

    def forward(self, x):
        return self.conv(x)


class PatchDiscriminator(nn.Module):
    """N x widths[0] x H x W to N x 1 x h x w. Of a picture as it is here, (256, 256, 256, 256) of relu3_3's features."""

    def __init__(self, widths=(3, 32, 64, 128, 256), strides=(2, 2, 2, 2), dilations=(1, 1, 1, 1)):
        super().__init__()
        pairs = zip(widths, widths[1:], strides, dilations)
        # Norm would hide the brightness of what comes in as a picture.
        self.net = nn.Sequential(*(Block(*pair, has_norm=pair[0] > 4) for pair in pairs))
        self.outConv = nn.Conv2d(widths[-1], 1, 4, padding=1)

    def forward(self, x):
        return self.outConv(self.net(x))


class Halving(nn.Module):
    def __init__(self, inputs, outputs, count):
        super().__init__()
        layers = []
        for k in range(count):
            layers += [nn.Conv2d(outputs if k else inputs, outputs, 3, padding=1), nn.LeakyReLU(SLOPE)]
        self.block = nn.Sequential(*layers, nn.AvgPool2d(2))

    def forward(self, x):
        return self.block(x)


class MultiScaleDiscriminator(nn.Module):
    """N x `inputs` x H x W (3: colour, 4: colour and disparity) to three maps of 0..1, the last sees farthest.

    `feature_widths`: channels of the features at 1/2, 1/4 and 1/8 of the picture's size; nothing of them: the plain
    kind. Features of other sizes than these are brought to them by averaging.
    """

    def __init__(self, inputs=4, feature_widths=(64, 128, 256)):
        super().__init__()
        one, two, three = feature_widths or (0, 0, 0)
        self.ConvBlock0 = Halving(inputs, 64, 2)
        self.ConvBlock1 = Halving(64 + one, 128, 2)
        self.ConvBlock2 = Halving(128 + two, 256, 3)
        self.localD1 = PatchDiscriminator((128 + two, 256, 256), (1, 1), (1, 1))
        self.localD2 = PatchDiscriminator((256 + three, 256, 256), (2, 1), (1, 1))
        self.Dmain = PatchDiscriminator((256 + three, 256, 256, 256), (1, 1, 1), (8, 4, 1))

    def under_spectral_norm(self):
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                spectral_norm(module)
        return self

    def forward(self, x, features=()):
        one = beside(self.ConvBlock0(x), features, 0)
        two = beside(self.ConvBlock1(one), features, 1)
        three = beside(self.ConvBlock2(two), features, 2)
        return [self.localD1(two).sigmoid(), self.localD2(three).sigmoid(), self.Dmain(three).sigmoid()]


def beside(x, features, scale):
    if not features:
        return x
    return torch.cat([x, nn.functional.adaptive_avg_pool2d(features[scale], x.shape[2:])], 1)
