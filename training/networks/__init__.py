"""Networks, and how a finished one is read."""

import os

import torch

from training.networks.depth import DepthNetwork
from training.networks.inpaint import InpaintNetwork
from training.networks.refine import RefineNetwork
from training.networks.restored import new_published
from training.networks.segment import SegmentNetwork
from training.pictures import fit_size, resize_area, to_tensor

NETWORKS = {
    "depth": DepthNetwork,
    "inpaint": InpaintNetwork,
    "refine": RefineNetwork,
    "segment": SegmentNetwork,
}


def load_checkpoint(path):
    """A network and its task, from a checkpoint of ours."""
    state = torch.load(path, map_location="cpu")
    config = state["config"]
    task = config["task"]
    network = NETWORKS[task]() if task in NETWORKS else new_published(config)
    network.load_state_dict(state["average"])
    return network.eval(), task


def groups(network, config):
    """The weights that learn, by their rates. The published networks learn at one."""
    if hasattr(network, "groups"):
        return network.groups(config["rate"], config["encoder_rate"])
    return [{"params": [weight for weight in network.parameters() if weight.requires_grad], "lr": config["rate"]}]


def load_model(path):
    """A network from a checkpoint of ours, or a TorchScript file."""
    if not os.path.exists(path):
        raise SystemExit("%s: no such file" % path)
    try:
        return torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError:
        return load_checkpoint(path)[0]


def ask_at(model, picture, long_side):
    """A network's answer to a picture, H x W x 3 of uint8, brought to this long side."""
    return model(resize_area(to_tensor(picture), fit_size(*picture.shape[:2], long_side)))
