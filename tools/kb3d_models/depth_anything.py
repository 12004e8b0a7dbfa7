"""Depth Anything V2 small (Yang et al., 2024): DINOv2's small vision transformer (Oquab et al., 2023) under a dense
prediction head (Ranftl et al., 2021)."""

import torch
from torch import nn
from torch.nn import functional

from .checkpoints import load_into, read_weights
from .convert import Kind
from .fusion import Fusion
from .midas import IMAGENET

PATCH, WIDTH, HEADS, BLOCKS = 14, 384, 6, 12
# The picture's side in training, in patches; where positions are learnt for.
LEARNT = 518 // PATCH
TAPPED = (2, 5, 8, 11)
WIDTHS, FUSED = (48, 96, 192, 384), 64
OFFSET = 0.1
CUBIC = -0.75


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, WIDTH, PATCH, stride=PATCH)

    def forward(self, picture):
        return self.proj(picture)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        batch, count, _ = x.shape
        query, key, value = self.qkv(x).view(batch, count, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (query * (WIDTH // HEADS) ** -0.5 @ key.transpose(2, 3)).softmax(3)
        return self.proj((weights @ value).transpose(1, 2).reshape(batch, count, WIDTH))


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        return self.fc2(functional.gelu(self.fc1(x)))


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return x * self.gamma


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attn, self.ls1 = nn.LayerNorm(WIDTH, eps=1e-6), Attention(), Scale()
        self.norm2, self.mlp, self.ls2 = nn.LayerNorm(WIDTH, eps=1e-6), Perceptron(), Scale()

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


def cubic(distance):
    """Keys' kernel (1981), as PyTorch's bicubic interpolation has it."""
    x = distance.abs()
    near = ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
    far = ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def resampling(count, offset):
    """A matrix, count x LEARNT, that stretches a row of positions; taps beyond its ends take the ends' values.

    Made of tensors alone, so that a traced network keeps any size. `offset`: what DINOv2 adds to the count, for scale.
    """
    place = (torch.arange(count, dtype=torch.float32) + 0.5) * LEARNT / (count + offset) - 0.5
    first = place.floor()
    taps = torch.arange(-1, 3, dtype=torch.float32)
    weights = cubic(place[:, None] - (first[:, None] + taps))
    columns = (first[:, None] + taps).clamp(0, LEARNT - 1)
    return (weights[:, :, None] * (columns[:, :, None] == torch.arange(LEARNT)).to(torch.float32)).sum(1)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + LEARNT**2, WIDTH))
        self.mask_token = nn.Parameter(torch.zeros(1, WIDTH))  # of its own training alone
        self.patch_embed = Patches()
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-6)

    def positions(self, height, width):
        learnt = self.pos_embed[0, 1:].view(LEARNT, LEARNT, WIDTH)
        # At the size of training they stay as they are.
        is_learnt = torch.as_tensor(height == LEARNT).to(torch.float32) * torch.as_tensor(width == LEARNT)
        offset = OFFSET * (1 - is_learnt)
        down, across = resampling(height, offset), resampling(width, offset)
        return torch.einsum("yp,pqc,xq->yxc", down, learnt, across).reshape(1, -1, WIDTH)

    def forward(self, picture):
        x = self.patch_embed(picture)
        height, width = x.shape[2:]
        x = x.flatten(2).transpose(1, 2) + self.positions(height, width)
        x = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(x.shape[0], -1, -1), x], 1)
        maps = []
        for k, block in enumerate(self.blocks):
            x = block(x)
            if k in TAPPED:
                maps.append(self.norm(x)[:, 1:].transpose(1, 2).reshape(x.shape[0], WIDTH, height, width))
        return maps


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.projects = nn.ModuleList(nn.Conv2d(WIDTH, width, 1) for width in WIDTHS)
        self.resize_layers = nn.ModuleList(
            (
                nn.ConvTranspose2d(WIDTHS[0], WIDTHS[0], 4, stride=4),
                nn.ConvTranspose2d(WIDTHS[1], WIDTHS[1], 2, stride=2),
                nn.Identity(),
                nn.Conv2d(WIDTHS[3], WIDTHS[3], 3, stride=2, padding=1),
            )
        )
        self.scratch = nn.Module()
        for k, width in enumerate(WIDTHS, 1):
            self.scratch.add_module("layer%d_rn" % k, nn.Conv2d(width, FUSED, 3, padding=1, bias=False))
            self.scratch.add_module("refinenet%d" % k, Fusion(FUSED, FUSED))
        self.scratch.output_conv1 = nn.Conv2d(FUSED, FUSED // 2, 3, padding=1)
        self.scratch.output_conv2 = nn.Sequential(
            nn.Conv2d(FUSED // 2, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1), nn.ReLU()
        )

    def forward(self, maps, picture):
        maps = [resize(project(x)) for x, project, resize in zip(maps, self.projects, self.resize_layers)]
        layers = self.scratch
        one, two, three, four = (getattr(layers, "layer%d_rn" % k)(x) for k, x in enumerate(maps, 1))
        x = layers.refinenet4(four, like=three)
        x = layers.refinenet3(x, three, like=two)
        x = layers.refinenet2(x, two, like=one)
        x = layers.output_conv1(layers.refinenet1(x, one))
        x = functional.interpolate(x, size=picture.shape[2:], mode="bilinear", align_corners=True)
        return layers.output_conv2(x)


class DepthAnythingSmall(nn.Module):
    """1 x 3 x H x W, RGB by ImageNet's mean and deviation, sides multiples of PATCH, to 1 x 1 x H x W."""

    def __init__(self):
        super().__init__()
        self.pretrained, self.depth_head = Transformer(), Head()

    def forward(self, picture):
        return self.depth_head(self.pretrained(picture), picture)


KINDS = (
    Kind(
        "depth-anything-small", ("WEIGHTS",), "Depth Anything V2 small", "Apache-2.0", "DepthAnything/Depth-Anything-V2",
        "depth", "affine_inverse_depth", {"long_side": 518, "multiple": PATCH},
        lambda path: load_into(DepthAnythingSmall(), read_weights(path), path), input=IMAGENET,
    ),
)
