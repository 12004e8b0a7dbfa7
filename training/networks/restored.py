"""The published networks as they are trained here: begun anew or from weights, with what each needs beside it."""

import torch
from torch import nn

from training.networks.mobilenet import load_imagenet
from training.networks.published import PUBLISHED


class EncoderSemantics(nn.Module):
    """What a picture shows by our encoder, where nobody has VGG19's weights: its 96 channels at 1/16 among the 512.

    BGR of 0..1, sides multiples of 32.
    """

    CHANNELS, TAP = 512, 3

    def __init__(self):
        super().__init__()
        self.encoder = load_imagenet()

    def forward(self, picture):
        seen = self.encoder.first_maps(picture.flip(1), self.TAP + 1)[self.TAP]
        return nn.functional.pad(seen, (0, 0, 0, 0, 0, self.CHANNELS - seen.shape[1]))


class FromRgb(nn.Module):
    """A published network, all of which take BGR, for pictures of RGB."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.ENTRIES = network.ENTRIES

    def forward(self, picture, *rest):
        return self.network(picture.flip(1), *rest)

    def context(self, picture, disparity):
        return self.network.context(picture.flip(1), disparity)

    def inpaint(self, color, disparity, context, mask):
        color, disparity = self.network.inpaint(color.flip(1), disparity, context, mask)
        return color.flip(1), disparity


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
    """`network`: a name in PUBLISHED; `semantics`: a file of torchvision's VGG19-BN weights, or null; `gain`: of the
    first weights, null = PyTorch's own."""
    network = FromRgb(PUBLISHED[config["network"]]())
    if config["gain"]:
        spread_weights(published_part(network), config["gain"])
    if config["network"] == "estimation":
        network.network.semantics = new_semantics(config["semantics"]).requires_grad_(False).eval()
    return network


def new_semantics(path):
    if not path:
        return EncoderSemantics()
    semantics, state = PUBLISHED["semantics"](), read_weights(path)
    try:
        semantics.load_state_dict({name: state[name] for name in semantics.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise SystemExit("%s: not the weights of VGG19 with batch norm: %s" % (path, error))
    return semantics
