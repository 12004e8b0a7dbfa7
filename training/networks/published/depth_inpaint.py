"""Depth behind an edge, of 3D photo inpainting: four planes (logarithm of depth less its mean over the context, edges,
context, mask) to the same logarithm."""

from .partial_unet import PartialUNet


class DepthInpaint(PartialUNet):
    def __init__(self):
        super().__init__(4, 1, with_bias=(1, 2), branch="")
