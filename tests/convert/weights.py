"""Files as a user has them, with random weights; what a conversion gets."""

import os

import torch
from torch import nn

from kb3d_models import depth_anything, midas, networks

torch.set_num_threads(1)  # beside other work, two wait for each other
OLD = {"_use_new_zipfile_serialization": False}


class Mask(nn.Module):
    """Answers as LaMa: of a picture and a mask that is 1 in holes."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, picture, mask):
        return torch.sigmoid(self.layer(torch.cat([picture, mask], 1))) * mask + picture * (1 - mask)


class Four(nn.Module):
    """Answers as MI-GAN: of four planes, from -1 to 1."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, x):
        return torch.tanh(self.layer(x))


def enliven(network):
    """Other norms than those of the start: means, deviations and scales that matter."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.8, 1.2)
    return network.eval()


def scripted(kind):
    return lambda path: torch.jit.script(kind().eval()).save(path)


def saved(kind, key=None, **form):
    def save(path):
        weights = enliven(kind()).state_dict()
        torch.save({"nb_iter": 7, key: weights} if key else weights, path, **form)

    return save


IMPROVED = {"key": "model_state_dict", **OLD}
PUBLISHED = {
    "network-disparity.pytorch": saved(networks.Disparity, **OLD),
    "vgg19_bn.pth": saved(networks.Semantics, **OLD),
    "network-refinement.pytorch": saved(networks.Refine, **OLD),
    "network-inpainting.pytorch": saved(networks.Inpaint, **OLD),
    "disparity-estimation.tar": saved(networks.ImprovedDisparity, **IMPROVED),
    "disparity-refinement.tar": saved(networks.ImprovedRefine, **IMPROVED),
    "inpainting-color.tar": saved(networks.Inpaint, **IMPROVED),
    "edge-model.pth": saved(networks.EdgeInpaint, **OLD),
    "depth-model.pth": saved(networks.DepthInpaint, **OLD),
    "color-model.pth": saved(networks.ColorInpaint, **OLD),
    "midas_v21_small.pt": saved(midas.MidasSmall),
    "depth_anything_v2_vits.pth": saved(depth_anything.DepthAnythingSmall),
    "big-lama.pt": scripted(Mask),
    "migan_traced.pt": scripted(Four),
}
# Kind to its files.
FILES = {
    "disparity": ("network-disparity.pytorch", "vgg19_bn.pth"),
    "refinement": ("network-refinement.pytorch",),
    "inpainting": ("network-inpainting.pytorch",),
    "improved-estimation": ("disparity-estimation.tar", "vgg19_bn.pth"),
    "improved-refinement": ("disparity-refinement.tar",),
    "improved-inpainting": ("inpainting-color.tar",),
    "photo-inpainting": ("edge-model.pth", "depth-model.pth", "color-model.pth"),
    "midas-small": ("midas_v21_small.pt",),
    "depth-anything-small": ("depth_anything_v2_vits.pth",),
    "lama": ("big-lama.pt",),
    "migan": ("migan_traced.pt",),
}


def files_of(kind, folder):
    """Made when first asked for."""
    for name in FILES[kind]:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            PUBLISHED[name](path)
    return [os.path.join(folder, name) for name in FILES[kind]]


def originals(name):
    """A file of shared models, or none."""
    data = os.environ.get("KB3D_TEST_DATA")
    path = os.path.join(data, "models", name) if data else ""
    return path if os.path.exists(path) else None
