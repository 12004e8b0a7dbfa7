"""MiDaS v2.1 small: Towards Robust Monocular Depth Estimation (Ranftl et al., 2020), on EfficientNet-Lite3.

The encoder is TensorFlow's, so that strided convolutions pad at the bottom and at the right where they pad unevenly.
"""

import torch
from torch import nn
from torch.nn import functional

from .checkpoints import load_into, read_weights
from .convert import Kind
from .fusion import Fusion

STEM = 32
# Blocks, window, stride, expansion and width of each stage: EfficientNet-Lite scaled by 1.2 in width, 1.4 in depth.
STAGES = ((1, 3, 1, 1, 24), (3, 3, 2, 6, 32), (3, 5, 2, 6, 48), (5, 3, 2, 6, 96), (5, 5, 1, 6, 136), (6, 5, 2, 6, 232),
          (1, 3, 1, 6, 384))
# Which stages lie between two of the maps that are handed on, and the maps' widths before and after.
LAYERS = ((0, 2), (2, 3), (3, 5), (5, 7))
SEEN, WIDTHS = (32, 48, 136, 384), (64, 128, 256, 512)


class Same(nn.Conv2d):
    """Pads as TensorFlow: to the size by the stride, rounded up, the odd pixel at the end. Sides are even here."""

    def forward(self, x):
        (window, _), (stride, _) = self.kernel_size, self.stride
        whole = window - stride
        return functional.conv2d(
            functional.pad(x, (whole // 2, whole - whole // 2) * 2), self.weight, self.bias, self.stride, 0, 1, self.groups
        )


def norm(width):
    return nn.BatchNorm2d(width, eps=1e-3)


def pointwise(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 1, bias=False)


def depthwise(width, window, stride):
    kind, padding = (Same, 0) if stride > 1 else (nn.Conv2d, window // 2)
    return kind(width, width, window, stride, padding, groups=width, bias=False)


class Separable(nn.Module):
    def __init__(self, inputs, outputs, window, stride):
        super().__init__()
        self.conv_dw, self.bn1 = depthwise(inputs, window, stride), norm(inputs)
        self.conv_pw, self.bn2 = pointwise(inputs, outputs), norm(outputs)

    def forward(self, x):
        return self.bn2(self.conv_pw(functional.relu6(self.bn1(self.conv_dw(x)))))


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, window, stride, expansion):
        super().__init__()
        inner = inputs * expansion
        self.conv_pw, self.bn1 = pointwise(inputs, inner), norm(inner)
        self.conv_dw, self.bn2 = depthwise(inner, window, stride), norm(inner)
        self.conv_pwl, self.bn3 = pointwise(inner, outputs), norm(outputs)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        inner = functional.relu6(self.bn1(self.conv_pw(x)))
        answer = self.bn3(self.conv_pwl(functional.relu6(self.bn2(self.conv_dw(inner)))))
        return x + answer if self.is_residual else answer


def new_stage(inputs, count, window, stride, expansion, width):
    blocks = []
    for k in range(count):
        place = (inputs if k == 0 else width, width, window, stride if k == 0 else 1)
        blocks.append(Separable(*place) if expansion == 1 else Inverted(*place, expansion))
    return nn.Sequential(*blocks)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        inputs, stages = STEM, []
        for stage in STAGES:
            stages.append(new_stage(inputs, *stage))
            inputs = stage[-1]
        stem = [Same(3, STEM, 3, 2, bias=False), norm(STEM), nn.ReLU6()]
        for k, (first, last) in enumerate(LAYERS, 1):
            self.add_module("layer%d" % k, nn.Sequential(*(stem if k == 1 else []), *stages[first:last]))

    def forward(self, x):
        one = self.layer1(x)
        two = self.layer2(one)
        three = self.layer3(two)
        return one, two, three, self.layer4(three)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        for k, (seen, width) in enumerate(zip(SEEN, WIDTHS), 1):
            self.add_module("layer%d_rn" % k, nn.Conv2d(seen, width, 3, padding=1, bias=False))
            self.add_module("refinenet%d" % k, Fusion(width, width if k == 1 else width // 2))
        self.output_conv = nn.Sequential(
            nn.Conv2d(WIDTHS[0], 32, 3, padding=1),
            nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False),
            nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1), nn.ReLU(),
        )

    def forward(self, one, two, three, four):
        x = self.refinenet4(self.layer4_rn(four))
        x = self.refinenet3(x, self.layer3_rn(three))
        x = self.refinenet2(x, self.layer2_rn(two))
        return self.output_conv(self.refinenet1(x, self.layer1_rn(one)))


class MidasSmall(nn.Module):
    """1 x 3 x H x W, RGB by ImageNet's mean and deviation, sides multiples of 32, to 1 x 1 x H x W."""

    def __init__(self):
        super().__init__()
        self.pretrained, self.scratch = Encoder(), Decoder()

    def forward(self, picture):
        return self.scratch(*self.pretrained(picture))


IMAGENET = {"order": "rgb", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}

KINDS = (
    Kind(
        "midas-small", ("WEIGHTS",), "MiDaS v2.1 small", "MIT", "isl-org/MiDaS", "depth", "affine_inverse_depth",
        {"long_side": 256, "multiple": 32}, lambda path: load_into(MidasSmall(), read_weights(path), path), input=IMAGENET,
    ),
)
