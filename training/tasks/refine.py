"""A picture and what a depth network made of it to the same depth on the picture's edges."""

import numpy as np
import torch
from torch.nn import functional

from training.estimates import Answers, draw_estimate, enlarge, plane, to_range
from training.losses import gradient_loss, mean
from training.networks.refine import RefineNetwork
from training.refinement import FIGURES, Validation
from training.scenes.cache import SceneCache

MANIFEST = {"output": "inverse_depth", "source": "trained by libkb3d's training/"}
LONG_SIDE = 1024
DRAWINGS = 64
WINDOW = 320
SIZE = (640, 480)


def new_network(config):
    return RefineNetwork()


def new_sources(config):
    scenes = SceneCache(config["scene_cache"], config["scene_seed"], SIZE)
    sources = {"drawn": Drawn(scenes, config["scene_count"])}
    if config["shares"].get("answered"):
        answers = Answers(config["answer_cache"], config["answers_of"], scenes)
        sources["answered"] = Answered(answers, config["scene_count"])
    return sources


class Drawn:
    """A window of the truth, spoilt in DRAWINGS ways. The scenes are rendered beforehand (scenes/cache.py)."""

    smallest = 0.8

    def __init__(self, scenes, count):
        self.scenes, self.count = scenes, count * DRAWINGS

    def get(self, number):
        rng = np.random.default_rng([5, number])
        picture, depth, _, _ = self.scenes.get(number // DRAWINGS)
        top, left = (int(rng.integers(0, side - WINDOW + 1)) for side in depth.shape)
        window = slice(top, top + WINDOW), slice(left, left + WINDOW)
        return sample(picture[window], *draw_estimate(picture[window], to_range(depth)[window], rng))


class Answered:
    """A depth network's answers. Where it errs too much, those to the next scene that it does better with."""

    def __init__(self, answers, count):
        self.answers, self.count = answers, count

    def get(self, number):
        found = self.answers.get(number)
        while found is None:
            number = (number + 1) % self.count
            found = self.answers.get(number)
        return sample(self.answers.scenes.get(number)[0], plane(found[0]), found[1])


def sample(picture, estimate, wanted):
    return {"picture": picture, "estimate": enlarge(estimate, wanted.shape)[0, 0].numpy(), "wanted": wanted}


def loss(network, batch, shares, run):
    """Of absolute differences alone: the best guess at an edge is then one of its sides, not their mean."""
    wanted = batch["wanted"][:, None]
    estimate = functional.avg_pool2d(batch["estimate"][:, None], 2)
    quarter, half, whole = (map_.float() for map_ in network.maps(batch["picture"], estimate))
    # Edges of small steps count too, and what is beside an edge more than what is between edges.
    largest, least = (functional.max_pool2d(sign * wanted, 4) for sign in (1, -1))
    around, beside = (functional.max_pool2d(torch.cat([largest, least], 1), k, 1, k // 2).sum(1, True) for k in (9, 3))
    weight = functional.interpolate((1 + 4 * (beside > 0.02)) / (around + 0.15), size=wanted.shape[2:])

    def difference(map_, step):
        cut = slice(step // 2, None, step)
        return ((map_ - wanted[:, :, cut, cut]).abs() * weight[:, :, cut, cut]).mean((1, 2, 3))

    parts = {
        "absolute": difference(whole, 1),
        "coarse": difference(half, 2) + difference(quarter, 4),
        "gradient": gradient_loss(whole[:, 0], wanted[:, 0]),
    }
    parts = {name: mean(value, torch.ones_like(value)) for name, value in parts.items()}
    return sum(shares[name] * value for name, value in parts.items()), parts


def finish(network):
    return network


def new_validation(config, device):
    return Validation(device)
