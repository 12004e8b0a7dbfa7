"""The networks of three published systems, each a file to hold against its paper, with the names its weights have there.

3D Ken Burns Effect from a Single Image (Niklaus, Mai, Yang, Liu, 2019): disparity, semantics, refine, inpaint.
Improved 3D Ken Burns (Peter, 2020): refine without shortcuts, inpainting by partial convolutions, discriminators.
3D Photography using Context-aware Layered Depth Inpainting (Shih, Su, Kopf, Huang, 2020): edges, depth, colours.

Written from the papers and from the names and shapes of the weights. Nothing here imports anything but torch, and each
other only relatively: the same files are installed as `kb3d_models.networks`, for the converters.
"""

from .color_inpaint import ColorInpaint
from .depth_inpaint import DepthInpaint
from .discriminators import MultiScaleDiscriminator, PatchDiscriminator
from .disparity import Disparity, Estimation
from .edge_inpaint import EdgeInpaint
from .improved_disparity import ImprovedDisparity
from .improved_refine import ImprovedRefine
from .inpaint import Inpaint
from .partial_inpaint import PartialInpaint
from .refine import Refine
from .semantics import Semantics

PUBLISHED = {
    "semantics": Semantics,
    "disparity": Disparity,
    "estimation": Estimation,
    "refine": Refine,
    "inpaint": Inpaint,
    "improved_disparity": ImprovedDisparity,
    "improved_refine": ImprovedRefine,
    "partial_inpaint": PartialInpaint,
    "patch_discriminator": PatchDiscriminator,
    "multi_scale_discriminator": MultiScaleDiscriminator,
    "edge_inpaint": EdgeInpaint,
    "depth_inpaint": DepthInpaint,
    "color_inpaint": ColorInpaint,
}
