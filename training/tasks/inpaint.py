"""What a moved camera uncovers, painted on top of the classical fill."""

import functools

import torch
from torch.nn import functional

from training.disocclusion import Pairs, Photos, Scenes
from training.inpainting import FIGURES, Validation
from training.networks.inpaint import InpaintNetwork, paint
from training.networks.mobilenet import load_imagenet

TERMS = ("absolute", "gradient", "perceptual", "style", "disparity")
LONG_SIDE = 512
MANIFEST = {
    "source": "trained by libkb3d's training/",
    "entry": "inpaint",
    "context": "context",
    "output": "color_and_inverse_depth",
}
SCALES = 3
TAPS = 3


def new_network(config):
    return InpaintNetwork()


def new_sources(config):
    scenes = Scenes(config["scene_cache"], config["scene_seed"], config["scene_count"])
    return {
        "scenes": scenes,
        "pairs": Pairs(config["scene_cache"], config["pair_seed"], config["pair_count"]),
        "photos": Photos(config["label_cache"], scenes),
    }


@functools.lru_cache(maxsize=None)
def judge(device):
    """The encoder whose features stand for looks."""
    encoder = load_imagenet()
    return encoder.to(device).eval().requires_grad_(False)


def steps(error, weight):
    """Differences of neighbours at several scales, where either counts."""
    total = 0
    for _ in range(SCALES):
        for axis in (2, 3):
            count = error.shape[axis] - 1
            here, there = error.narrow(axis, 0, count), error.narrow(axis, 1, count)
            either = torch.maximum(weight.narrow(axis, 0, count), weight.narrow(axis, 1, count))
            total = total + share((there - here).abs(), either)
        error, weight = functional.avg_pool2d(error, 2), functional.avg_pool2d(weight, 2)
    return total


def share(values, weight):
    """The weighted mean over all pixels of the batch: large holes count more than small ones."""
    return (values.mean(1, keepdim=True) * weight).sum() / (weight.sum() + 1)


def gram(features, weight):
    flat, weight = (features * weight).flatten(2), weight.flatten(2)
    return flat @ flat.transpose(1, 2) / (weight.square().sum(2, keepdim=True) + 1)


def looks(painted, truth, weight):
    """Differences of the encoder's features in and about the holes, and of what they do together."""
    encoder = judge(str(painted.device))
    with torch.no_grad():
        wanted = encoder.first_maps(truth, TAPS)
    perceptual = style = 0
    for own, other in zip(encoder.first_maps(painted, TAPS), wanted):
        own, other = own.float(), other.float()
        spread = other.std((0, 2, 3), keepdim=True) + 0.1
        own, other = own / spread, other / spread
        near = functional.adaptive_max_pool2d(weight, own.shape[2:])
        perceptual = perceptual + share((own - other).abs(), near)
        style = style + (gram(own, near) - gram(other, near)).abs().mean()
    return perceptual, style


def loss(network, batch, shares, generator):
    weight = batch["weight"]
    # Where nothing is judged, the truth stands in, for the features' sake.
    judged = (weight > 0).float()
    painted, depth = (values.float() for values in paint(network, batch))
    truth = batch["truth"] * judged + batch["given"] * (1 - judged)
    painted = painted * judged + batch["given"] * (1 - judged)
    perceptual, style = looks(painted.clamp(0, 1), truth, weight)
    depth_error = (depth - batch["truth_depth"]) * judged
    parts = {
        "absolute": share((painted - truth).abs(), weight),
        "gradient": steps(painted - truth, weight),
        "perceptual": perceptual,
        "style": style,
        "disparity": share(depth_error.abs(), weight) + steps(depth_error, weight),
    }
    return sum(shares[name] * value for name, value in parts.items()), parts


def finish(network):
    return network


class new_validation:
    def __init__(self, device):
        self.device, self.validation = device, None

    def score(self, network):
        # Made when first asked: it renders scenes.
        self.validation = self.validation or Validation()
        table = self.validation.score(network, self.device)
        return [table[figure] for figure in FIGURES], "  ".join("%s %.2f" % (name, table[name]) for name in FIGURES)
