"""Colour behind an edge, of 3D photo inpainting: six planes (RGB of 0..1, edges, context, mask) to RGB of 0..1."""

from .partial_unet import PartialUNet


class ColorInpaint(PartialUNet):
    def __init__(self):
        super().__init__(6, 3, with_bias=(), branch="A")

    def forward(self, x):
        return super().forward(x).sigmoid()
