"""Networks, and how a finished one is read."""

import torch

from training.networks.depth import DepthNetwork
from training.networks.inpaint import InpaintNetwork
from training.networks.refine import RefineNetwork
from training.networks.segment import SegmentNetwork

NETWORKS = {
    "depth": DepthNetwork,
    "inpaint": InpaintNetwork,
    "refine": RefineNetwork,
    "segment": SegmentNetwork,
}


def load_checkpoint(path):
    """A network and its task, from a checkpoint of ours."""
    state = torch.load(path, map_location="cpu")
    task = state["config"]["task"]
    network = NETWORKS[task]()
    network.load_state_dict(state["average"])
    return network.eval(), task


def load_model(path):
    """A network from a checkpoint of ours, or a TorchScript file."""
    try:
        return torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError:
        return load_checkpoint(path)[0]
