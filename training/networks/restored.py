"""The published networks as they are trained here: begun anew or from weights, with what each needs beside it."""

import torch
from torch import nn

from training.networks.mobilenet import load_imagenet
from training.networks.published import PUBLISHED, Estimation, ImprovedDisparity

NETWORKS = {**PUBLISHED, "improved_estimation": lambda: Estimation(ImprovedDisparity)}


# How RGB of 0..1 goes into a network and comes back: the official weights take BGR, the improved ones RGB, of which the
# disparity network's has a range of -1..1.
INPUTS = {
    "bgr": (lambda picture: picture.flip(1), lambda picture: picture.flip(1)),
    "rgb": (lambda picture: picture, lambda picture: picture),
    "signed": (lambda picture: 2 * picture - 1, lambda picture: (picture + 1) / 2),
}


class EncoderSemantics(nn.Module):
    """What a picture shows by our encoder, where nobody has VGG19's weights: its 96 channels at 1/16 among the 512.

    Pictures as the disparity network takes them (INPUTS), sides multiples of 32.
    """

    CHANNELS, TAP = 512, 3

    def __init__(self, kind):
        super().__init__()
        self.encoder, self.kind = load_imagenet(), kind

    def forward(self, picture):
        seen = self.encoder.first_maps(INPUTS[self.kind][1](picture), self.TAP + 1)[self.TAP]
        return nn.functional.pad(seen, (0, 0, 0, 0, 0, self.CHANNELS - seen.shape[1]))


class FromRgb(nn.Module):
    """A published network for pictures of RGB of 0..1, whatever its weights take (INPUTS)."""

    def __init__(self, network, kind):
        super().__init__()
        self.network, self.kind = network, kind
        self.ENTRIES = network.ENTRIES

    def forward(self, picture, *rest):
        return self.network(INPUTS[self.kind][0](picture), *rest)

    def context(self, picture, disparity):
        return self.network.context(INPUTS[self.kind][0](picture), disparity)

    def inpaint(self, color, disparity, context, mask):
        there, back = INPUTS[self.kind]
        color, disparity = self.network.inpaint(there(color), disparity, context, mask)
        return back(color), disparity


def read_weights(path):
    """Of a checkpoint of ours, one of Improved 3D Ken Burns (.tar), or a file of weights alone."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        for name in ("average", "model_state_dict"):
            state = state.get(name, state)
        return state
    # What a broken file makes it raise is of many kinds.
    except Exception as error:
        raise SystemExit("%s: no weights: %s" % (path, error))


def read_config(path):
    """Of a checkpoint of ours; others have none."""
    return torch.load(path, map_location="cpu", weights_only=True).get("config", {})


def published_part(network):
    """What its published weights are of: an estimation's semantics come from elsewhere."""
    return getattr(network.network, "disparity", network.network)


def load_weights(network, path):
    """Into the whole network, or into what is published of it."""
    state = read_weights(path)
    whole = set(state) == set(network.state_dict())
    try:
        (network if whole or not isinstance(network, FromRgb) else published_part(network)).load_state_dict(state)
    except RuntimeError as error:
        raise SystemExit("%s: not this network's weights: %s" % (path, str(error).split("\n")[1].strip()))


def spread_weights(network, gain):
    """Xavier: variances of 2 / (inputs + outputs), times `gain` squared; biases of zero."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.xavier_normal_(module.weight, gain)
            nn.init.zeros_(module.bias)


def new_published(config):
    """`network`: a name in NETWORKS; `input`: one in INPUTS; `semantics`: a file of torchvision's VGG19-BN weights, or null; `gain`: of the
    first weights, null = PyTorch's own."""
    network = FromRgb(NETWORKS[config["network"]](), config["input"])
    if config["gain"]:
        spread_weights(published_part(network), config["gain"])
    if hasattr(network.network, "semantics"):
        semantics = new_semantics(config["semantics"], config["input"])
        network.network.semantics = semantics.requires_grad_(False).eval()
    return network


def new_semantics(path, kind):
    if not path:
        return EncoderSemantics(kind)
    semantics, state = PUBLISHED["semantics"](), read_weights(path)
    try:
        semantics.load_state_dict({name: state[name] for name in semantics.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise SystemExit("%s: not the weights of VGG19 with batch norm: %s" % (path, error))
    return semantics
