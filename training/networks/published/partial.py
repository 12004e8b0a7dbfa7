"""Partial convolutions: Image Inpainting for Irregular Holes Using Partial Convolutions (Liu et al., 2018).

Only what is known counts, by its share of the window; where a window knows nothing the answer is zero and unknown.
Masks have a plane for each plane of the values: maps that are joined may know different things of a place.
"""

import torch
from torch.nn import functional


def partial_convolution(layer, x, mask):
    """A convolution's answer from what is known alone, and where it knows anything."""
    answer = functional.conv2d(x * mask, layer.weight, None, layer.stride, layer.padding)
    with torch.no_grad():
        # Every output's mask is the same: one row of ones stands for all.
        window = torch.ones_like(layer.weight[:1])
        count = functional.conv2d(mask, window, None, layer.stride, layer.padding)
        known = (count > 0).to(x.dtype)
        share = count.clamp(min=0.5).reciprocal() * window.numel() * known
    answer = answer * share
    if layer.bias is not None:
        answer = answer + layer.bias.view(1, -1, 1, 1) * known
    return answer, known.expand(-1, answer.shape[1], -1, -1)
