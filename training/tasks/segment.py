"""One picture to how likely each pixel is a person's, an animal's, a vehicle's, the sky's or none of them."""

import functools

import torch

from training import paths
from training.class_maps import LabelledPhotos, MaskedPhotos, SceneClasses
from training.evaluate_classes import Validation, fit_deeplab
from training.losses import imitation_loss, segment_loss
from training.networks.parts import double
from training.networks.segment import SegmentNetwork, group, ours_of_voc
from training.networks.steady import Steady
from training.pictures import resize_area
from training.scenes import CLASSES, REST, SKY

FIGURES = ("things", "person", "animal", "vehicle", "sky", "real_sky", "false_sky")
MANIFEST = {
    "source": "trained by libkb3d's training/, encoder from TensorFlow's MobileNetV2",
    "output": "class_scores",
    "classes": {name: [number] for number, name in enumerate(CLASSES) if number != REST},
}
LONG_SIDE = 640
# The teacher sees small things only when they are enlarged.
TEACHER_SCALE = 1.5


def new_network(config):
    return SegmentNetwork().begin(config["encoder_frozen"])


def new_sources(config):
    masks = MaskedPhotos()
    return {
        "scenes": SceneClasses(config["scene_cache"], config["scene_seed"], config["scene_count"]),
        "masks": masks,
        "photos": LabelledPhotos(config["label_cache"], masks),
    }


@functools.lru_cache(maxsize=None)
def teacher(device):
    return torch.jit.load(paths.data_path("models", "deeplab_mnv2_voc.pt"), map_location=device).eval()


def ask_teacher(picture, size):
    """Of what the student sees, however it was cut, pasted and developed."""
    seen = resize_area(picture, fit_deeplab(*picture.shape[2:], TEACHER_SCALE * max(picture.shape[2:])))
    ask = teacher(str(picture.device))
    with torch.no_grad():
        # One by one: a batch takes twice the time on a CPU.
        return torch.cat([resize_area(ask(one).float(), size) for one in seen.split(1)])


def believed(answer, allowed):
    """Where the teacher's word is not against what is known. N x 21 x H x W, N x H x W to N x H x W."""
    ours = ours_of_voc(answer).argmax(1)
    # The teacher's rest may be sky.
    return (allowed >> ours & 1 > 0) | (ours == REST) & (allowed >> SKY & 1 > 0)


def loss(network, batch, shares, run):
    fine, allowed = network.fine_scores(batch["picture"]).float(), batch["allowed"].int()
    total, parts = segment_loss(double(group(fine)), allowed, shares)
    real = batch["real"] > 0
    if real.any():
        answer = ask_teacher(batch["picture"][real], fine.shape[2:])
        parts["imitation"] = imitation_loss(fine[real], answer, believed(answer, allowed[real, ::2, ::2]))
    else:
        parts["imitation"] = fine.sum() * 0
    return total + shares["imitation"] * parts["imitation"], parts


def finish(network):
    return Steady(network, lambda shares: shares)


class new_validation:
    def __init__(self, config, device):
        self.validation = Validation(device)

    def score(self, network):
        table = self.validation.score(network, LONG_SIDE)
        return [table[figure] for figure in FIGURES], "  ".join("%s %.3f" % (f, table[f]) for f in FIGURES)
