"""Networks, and how a finished one is read."""

import torch

from training.networks.depth import DepthNetwork


def load_model(path):
    """A network from a checkpoint of ours, or a TorchScript file."""
    try:
        return torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError:
        network = DepthNetwork()
        network.load_state_dict(torch.load(path, map_location="cpu")["average"])
        return network.eval()
