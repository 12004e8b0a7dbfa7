"""One picture to how likely each pixel is a person's, an animal's, a vehicle's, the sky's or none of them."""

from training.class_maps import LabelledPhotos, MaskedPhotos, SceneClasses
from training.evaluate_classes import Validation
from training.losses import segment_loss
from training.networks.segment import SegmentNetwork
from training.networks.steady import Steady
from training.scenes import CLASSES, REST

TERMS = ("allowed", "overlap")
FIGURES = ("things", "person", "animal", "vehicle", "sky", "real_sky", "false_sky")
MANIFEST = {
    "source": "trained by libkb3d's training/, encoder from TensorFlow's MobileNetV2",
    "output": "class_scores",
    "classes": {name: [number] for number, name in enumerate(CLASSES) if number != REST},
}
LONG_SIDE = 512


def new_network(config):
    return SegmentNetwork().begin(config["encoder_frozen"])


def new_sources(config):
    return {
        "scenes": SceneClasses(config["scene_cache"], config["scene_seed"], config["scene_count"]),
        "masks": MaskedPhotos(),
        "photos": LabelledPhotos(config["label_cache"]),
    }


def loss(network, batch, shares, generator):
    return segment_loss(network.scores(batch["picture"]).float(), batch["allowed"], shares)


def finish(network):
    return Steady(network, lambda shares: shares)


class new_validation:
    def __init__(self, device):
        self.validation = Validation(device)

    def score(self, network):
        table = self.validation.score(network, LONG_SIDE)
        return [table[figure] for figure in FIGURES], "  ".join("%s %.3f" % (f, table[f]) for f in FIGURES)
