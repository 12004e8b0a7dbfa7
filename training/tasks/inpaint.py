"""What a moved camera uncovers, painted on top of the classical fill."""

from torch.nn import functional

from training.disocclusion import Pairs, Photos, Scenes
from training.inpainting import FIGURES, Validation
from training.looks import judge, looks
from training.losses import share_of, total_variation
from training.networks.inpaint import InpaintNetwork, paint

LONG_SIDE = 512
MANIFEST = {
    "source": "trained by libkb3d's training/",
    "entry": "inpaint",
    "context": "context",
    "output": "color_and_inverse_depth",
}
SCALES = 3


def new_network(config):
    return InpaintNetwork()


def new_sources(config):
    scenes = Scenes(config["scene_cache"], config["scene_seed"], config["scene_count"])
    return {
        "scenes": scenes,
        "pairs": Pairs(config["scene_cache"], config["pair_seed"], config["pair_count"]),
        "photos": Photos(config["label_cache"], scenes),
    }


def steps(error, weight):
    """Differences of neighbours at several scales, where either counts."""
    total = 0
    for _ in range(SCALES):
        total = total + total_variation(error, weight)
        error, weight = functional.avg_pool2d(error, 2), functional.avg_pool2d(weight, 2)
    return total


def loss(network, batch, shares, run):
    weight = batch["weight"]
    # Where nothing is judged, the truth stands in, for the features' sake.
    judged = (weight > 0).float()
    painted, depth = (values.float() for values in paint(network, batch))
    truth = batch["truth"] * judged + batch["given"] * (1 - judged)
    painted = painted * judged + batch["given"] * (1 - judged)
    perceptual, style = looks(judge(str(painted.device)), painted.clamp(0, 1), truth, weight)
    depth_error = (depth - batch["truth_depth"]) * judged
    parts = {
        "absolute": share_of((painted - truth).abs(), weight),
        "gradient": steps(painted - truth, weight),
        "perceptual": perceptual,
        "style": style,
        "disparity": share_of(depth_error.abs(), weight) + steps(depth_error, weight),
    }
    return sum(shares[name] * value for name, value in parts.items()), parts


def finish(network):
    return network


class new_validation:
    def __init__(self, config, device):
        self.device, self.validation = device, None

    def score(self, network):
        # Made when first asked: it renders scenes.
        self.validation = self.validation or Validation()
        table = self.validation.score(network, self.device)
        return [table[figure] for figure in FIGURES], "  ".join("%s %.2f" % (name, table[name]) for name in FIGURES)
