"""One picture to inverse depth up to scale and shift."""

from training.data import GeneratedScenes, MeasuredDepth, VotedPhotos
from training.evaluate import Validation
from training.losses import depth_loss
from training.networks.depth import DepthNetwork
from training.networks.steady import Steady, spread_one

FIGURES = ("mean_rho", "mean_ordinal", "mean_local")
MANIFEST = {
    "source": "trained by libkb3d's training/, encoder from TensorFlow's MobileNetV2",
    "output": "affine_inverse_depth",
}
LONG_SIDE = 384


def new_network(config):
    return DepthNetwork().begin(config["encoder_frozen"])


def new_sources(config):
    return {
        "scenes": GeneratedScenes(config["scene_cache"], config["scene_seed"], config["scene_count"]),
        "measured": MeasuredDepth(),
        "photos": VotedPhotos(config["label_cache"]),
    }


def loss(network, batch, shares, run):
    return depth_loss(network(batch["picture"])[:, 0].float(), batch, shares, run.generator)


def finish(network):
    return Steady(network, spread_one)


class new_validation:
    def __init__(self, config, device):
        self.validation = Validation(device)

    def score(self, network):
        table = self.validation.score(network, sizes=(256,), with_outlines=False)
        sets = "  ".join(
            "%s %.2f/%.2f/%.2f" % (name, cell["rho"], cell["ordinal"], cell["local"])
            for name, cell in table.items()
        )
        return [table["mean"][figure] for figure in ("rho", "ordinal", "local")], sets
