"""Tiefenrausch: the depth network of One Shot 3D Photography (Kopf et al., 2020), as its authors published it."""

from torch import nn

from .caffe2 import read_network
from .convert import Kind


class Tiefenrausch(nn.Module):
    """1 x 3 x H x W, RGB of 0..1, sides multiples of 32, to 1 x 1 x H x W. The network itself answers a logarithm."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, picture):
        return self.network(picture).exp()


KINDS = (
    Kind(
        "tiefenrausch", ("NET", "WEIGHTS"), "Tiefenrausch", "MIT", "facebookresearch/one_shot_3d_photography", "depth",
        "disparity", {"long_side": 384, "multiple": 32}, lambda net, weights: Tiefenrausch(read_network(net, weights)),
    ),
)
