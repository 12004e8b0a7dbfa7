"""A picture to disparity in pixels, as 3D Ken Burns and Improved 3D Ken Burns train it."""

import numpy as np
import torch

from training.data import cut
from training.losses import DISPARITY, weighted_sum
from training.metrics import boundary_error, relative
from training.networks.restored import new_published
from training.pictures import to_tensor
from training.sources import UNTOLD, Whole, open_data, split
from training.tasks.segment import ask_teacher, ours_of_voc

FIGURES = ("error", "delta1", "boundary")
MANIFEST = {"source": "trained by libkb3d's training/", "output": "affine_inverse_depth"}
LONG_SIDE = 512
JUDGED = 24


def new_network(config):
    return new_published(config)


def new_sources(config):
    sources = {}
    for name, source in open_data(config).items():
        # A second data set without depth is there for the mask loss; of the others it is asked where it says `same`.
        is_masked = config["mask_loss"] == ("other" if config["data"][name]["kind"] == "pictures" else "same")
        sources[name] = Whole(source, split(source, config["held_out"])[0], is_masked)
    return sources


def objects_in(batch):
    """Of each pixel the number of its object where a mask loss is for the picture; asked where nobody has told."""
    objects = batch["objects"]
    untold = (objects[:, 0, 0] == UNTOLD) & (batch["masked"] > 0)
    objects = objects.clamp(min=0) * batch["masked"].view(-1, 1, 1)
    if untold.any():
        classes = ours_of_voc(ask_teacher(batch["picture"][untold], objects.shape[1:])).argmax(1)
        objects = objects.clone()
        objects[untold] = classes.to(objects.dtype)
    return objects


def at_answer(plane, answer):
    """The nearest values at the answer's size."""
    return torch.nn.functional.interpolate(plane[:, None], size=answer.shape[1:], mode="nearest")[:, 0]


def loss(network, batch, shares, run):
    answer = network(batch["picture"])[:, 0].float()
    planes = {name: at_answer(batch[name], answer) for name in ("disparity", "weight")}
    if "mask" in shares:
        planes["objects"] = at_answer(objects_in(batch), answer)
    return weighted_sum(DISPARITY, shares, answer, planes)


def finish(network):
    return network


def held_out(config):
    """Samples that are never learnt from, at the first of the configuration's sizes."""
    for name, source in open_data(config).items():
        if config["data"][name]["kind"] == "pictures":
            continue
        judged = Whole(source, split(source, config["held_out"])[1], False)
        for number in range(min(judged.count, JUDGED)):
            yield cut(judged.get(number), config["sizes"][0], np.random.default_rng(number), 1.0)


class new_validation:
    """The mean error in pixels of disparity; after a fitted scale and shift, how much of depth is about right, and the
    distance of outlines in pixels of the answer."""

    def __init__(self, config, device):
        self.device, self.cases = device, list(held_out(config))

    def score(self, network):
        rows = []
        for case in self.cases:
            with torch.no_grad():
                answer = network(to_tensor(case["picture"].astype(np.uint8)).to(self.device))[:, 0].float().cpu()
            planes = (torch.from_numpy(case[name])[None] for name in ("disparity", "weight"))
            truth, weight = (at_answer(plane, answer)[0].numpy() for plane in planes)
            rows.append(judge(answer[0].numpy(), truth, weight > 0))
        means = [float(np.nanmean([row[name] for row in rows])) for name in FIGURES]
        return means, "  ".join("%s %.3f" % pair for pair in zip(FIGURES, means))


def judge(answer, truth, known):
    answer, truth = answer.astype(np.float64), truth.astype(np.float64)
    return {
        "error": float(np.abs(answer - truth)[known].mean()),
        "delta1": relative(answer[known], truth[known])[0],
        "boundary": boundary_error(answer, truth, known),
    }
