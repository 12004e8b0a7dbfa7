"""3D Photography using Context-aware Layered Depth Inpainting: three networks that become one, edges, depth, colours.

Its program asks them about one depth edge after the other, in a layered depth image; here a view is asked about as a
whole, known pixels as context and holes as what is wanted. What it calls depth is 1 / disparity, disparity up to 3.
"""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import remove_spectral_norm

from .checkpoints import load_into, read_weights
from .convert import Kind
from .networks import ColorInpaint, DepthInpaint, EdgeInpaint
from .networks.partial_unet import MULTIPLE

SCALE, LEAST = 3.0, 0.05
# A step of disparity that tears the picture, and how likely an edge must be. Its program takes far less likely ones for
# edges, and then thins them to paths.
STEP, LIKELY = 0.04, 0.5


def edges_of(disparity, known):
    """Pixels that are nearer than one of four neighbours by a step, both known."""
    height, width = disparity.shape[2:]
    padded, padded_known = (functional.pad(x, (1, 1, 1, 1)) for x in (disparity, known))
    edges = torch.zeros_like(disparity)
    for row, column in ((0, 1), (2, 1), (1, 0), (1, 2)):
        there, seen = (x[:, :, row : row + height, column : column + width] for x in (padded, padded_known))
        edges = torch.maximum(edges, (disparity - there > STEP).to(disparity.dtype) * known * seen)
    return edges


class PhotoInpaint(nn.Module):
    def __init__(self):
        super().__init__()
        self.edge, self.depth, self.color = EdgeInpaint(), DepthInpaint(), ColorInpaint()

    def forward(self, picture, depth, known):
        """Colour and inverse depth of a view, both 0 in holes, and 1 where it is known, to both without holes."""
        wanted = 1 - known
        disparity = depth * SCALE * known
        edges = edges_of(disparity, known)
        relative = disparity / disparity.amax().clamp(min=LEAST)
        likely = self.edge(torch.cat([picture * known, relative, edges, known, wanted], 1))
        edges = edges + (likely > LIKELY).to(edges.dtype) * wanted
        logarithm = -disparity.clamp(min=LEAST).log()
        mean = (logarithm * known).sum() / known.sum().clamp(min=1)
        answer = self.depth(torch.cat([(logarithm - mean) * known, edges, known, wanted], 1)) + mean
        painted = self.color(torch.cat([picture * known, edges, known, wanted], 1))
        behind = (-answer).exp().clamp(LEAST, SCALE) / SCALE
        return picture * known + painted * wanted, depth * known + behind * wanted


def build(edge_path, depth_path, color_path):
    network = PhotoInpaint()
    for part, path in ((network.edge, edge_path), (network.depth, depth_path), (network.color, color_path)):
        load_into(part, read_weights(path), path)
    for module in list(network.modules()):
        if hasattr(module, "weight_orig"):
            remove_spectral_norm(module)
        if hasattr(module, "mask_conv"):
            module.mask_conv = None  # ones, which nothing asks
    return network


KINDS = (
    Kind(
        "photo-inpainting", ("EDGE", "DEPTH", "COLOR"), "3D photo inpainting",
        "MIT; CC BY-NC 4.0 may bind the edge network", "vt-vl-lab/3d-photo-inpainting",
        "inpaint", "color_and_inverse_depth", {"long_side": 512, "multiple": MULTIPLE}, build,
        note="Its licence names CC BY-NC 4.0 (EdgeConnect) without saying what of it: take the edge network as "
        "non-commercial.",
    ),
)
