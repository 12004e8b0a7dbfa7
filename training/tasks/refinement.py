"""A picture and disparity of a quarter of its size to disparity of all of it, as Improved 3D Ken Burns trains it."""

import functools

import numpy as np
import torch

from training.losses import DISPARITY, weighted_sum
from training.networks.restored import load_weights, new_published, read_config
from training.pictures import resize_area, to_tensor
from training.refinement import FIGURES, average, figures
from training.tasks.estimation import held_out, new_sources

MANIFEST = {"source": "trained by libkb3d's training/", "output": "inverse_depth"}
LONG_SIDE = 1024
PART = 4


def new_network(config):
    return new_published(config)


@functools.lru_cache(maxsize=None)
def estimator(path, semantics, device):
    """The estimation network whose answers are refined: a checkpoint of ours, or weights of Improved 3D Ken Burns."""
    config = {"network": "improved_estimation", "input": "signed", "semantics": semantics, "gain": None}
    network = new_published({**config, **read_config(path)})
    load_weights(network, path)
    return network.to(device).eval().requires_grad_(False)


def estimate(picture, disparity, config):
    """What is refined, at a quarter of the picture's size: an estimation network's answer to half of the picture, or
    without one the truth, made smaller."""
    size = [side // PART for side in picture.shape[2:]]
    if not config["estimator"]:
        return resize_area(disparity[:, None], size)
    network = estimator(config["estimator"], config["semantics"], str(picture.device))
    with torch.no_grad():
        return network(resize_area(picture, [2 * side for side in size]))


def loss(network, batch, shares, run):
    given = estimate(batch["picture"], batch["disparity"], run.config)
    return weighted_sum(DISPARITY, shares, network(batch["picture"], given)[:, 0].float(), batch)


def finish(network):
    return network


class new_validation:
    """The figures of training.refinement, after a fitted scale and shift: of maps by the truth's range."""

    def __init__(self, config, device):
        self.config, self.device, self.cases = config, device, list(held_out(config))

    def score(self, network):
        rows = []
        for case in self.cases:
            picture = to_tensor(case["picture"].astype(np.uint8)).to(self.device)
            truth = torch.from_numpy(case["disparity"])[None].to(self.device)
            with torch.no_grad():
                answer = network(picture, estimate(picture, truth, self.config))[0, 0].float().cpu().numpy()
            truth = case["disparity"].astype(np.float64)
            scale, shift = np.polyfit(answer.ravel().astype(np.float64), truth.ravel(), 1)
            low, high = np.quantile(truth, (0.002, 0.998))
            span = max(high - low, 1e-6)
            rows.append(figures((answer * scale + shift - low) / span, (truth - low) / span))
        means = average(rows)
        return [means[name] for name in FIGURES], "  ".join("%s %.2f" % (name, means[name]) for name in FIGURES)
