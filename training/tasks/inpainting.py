"""What a moved camera uncovers, painted by the published networks, with truth or against a rival.

The terms are those of Image Inpainting for Irregular Holes Using Partial Convolutions (Liu et al., 2018), and the depth
networks' for disparity, which is judged in the holes too wherever there is truth.
"""

import numpy as np
import torch
from torch.nn import functional

from training.looks import judge, looks
from training.losses import neighbours, share_of, slopes_loss, total_variation
from training.metrics import psnr, ssim
from training.networks.inpaint import paint as paint_view
from training.networks.restored import new_published
from training.sources import VIEWS, open_data, split

FIGURES = ("psnr", "ssim", "disparity")
LONG_SIDE = 1024
MANIFEST = {
    "source": "trained by libkb3d's training/",
    "entry": "inpaint",
    "context": "context",
    "output": "color_and_inverse_depth",
}
JUDGED = 24
# What the nearest surface's disparity of 1 is in the published networks' pixels.
PIXELS = 40
# Colours that differ by this much are an edge.
EDGE = 0.1


def new_network(config):
    return new_published(config)


def views(config, kind, part):
    """`part`: 0 = what is learnt from, 1 = what is judged."""
    return {
        name: VIEWS[kind](source, split(source, config["held_out"])[part])
        for name, source in open_data(config).items()
    }


def new_sources(config):
    return views(config, config["views"], 0)


def paint(network, batch):
    """Colour and disparity of the whole view."""
    return tuple(values.float() for values in paint_view(network, batch))


def put_in(values, given, hole):
    return values * hole + given * (1 - hole)


def bends(disparity, color, hole):
    """Differences of disparity in and about the holes where the picture shows no edge."""
    near = functional.max_pool2d(hole, 5, 1, 2)
    total = 0
    for axis in (-2, -1):
        here, there = neighbours(color.detach(), axis)
        even = ((there - here).abs().amax(1, keepdim=True) < EDGE).float()
        here, there = neighbours(disparity, axis)
        total = total + share_of((there - here).abs(), even * neighbours(near, axis)[0])
    return total


def loss(network, batch, shares, run):
    color, disparity = paint(network, batch)
    known, given = batch["known"], batch["given"]
    hole = 1 - known
    if run.config["views"] == "ahead":
        # Nobody knows what is in the holes: only the rival judges that.
        judged, truth, truth_depth = hole * 0, given, batch["given_depth"]
    else:
        judged = (batch["weight"] > 0).float() * hole
        truth, truth_depth = put_in(batch["truth"], given, judged + known), batch["truth_depth"]
    view = put_in(color, given, hole)
    weight = judged + known
    pixels, true_pixels = PIXELS * disparity, PIXELS * truth_depth
    seen = {}
    if "perceptual" in shares or "style" in shares:
        encoder = judge(str(color.device), run.config["judge"])
        joined = put_in(color, truth, judged).clamp(0, 1)
        seen = dict(zip(("perceptual", "style"), looks(encoder, joined, truth, judged)))
    terms = {
        "hole": lambda: ((color - truth).abs() * judged).mean(),
        "valid": lambda: ((color - truth).abs() * known).mean(),
        "perceptual": lambda: seen["perceptual"],
        "style": lambda: seen["style"],
        "variation": lambda: total_variation(view, hole) * hole.mean(),
        "l1": lambda: share_of((pixels - true_pixels).abs(), weight),
        "slopes": lambda: slopes_loss(pixels, {"disparity": true_pixels, "weight": weight}),
        "bends": lambda: bends(pixels, color, hole),
        "adversarial": lambda: run.rival.doubt(color, disparity),
    }
    parts = {name: terms[name]() for name in shares}
    return sum(shares[name] * value for name, value in parts.items()), parts


def finish(network):
    return network


class new_validation:
    """Colours and disparity of holes whose truth is known, and the likeness of whole views."""

    def __init__(self, config, device):
        self.device, self.cases = device, []
        for source in views(config, "corners" if config["views"] == "corners" else "moved", 1).values():
            for number in range(min(source.count, JUDGED)):
                self.cases.append(source.draw(number, config["sizes"][0], np.random.default_rng(number)))

    def score(self, network):
        rows = []
        for case in self.cases:
            batch = {name: torch.from_numpy(plane)[None].to(self.device) for name, plane in case.items()}
            with torch.no_grad():
                color, disparity = (values[0].cpu().numpy() for values in paint(network, batch))
            hole, judged = 1 - case["known"], case["weight"][0] > 0
            view = put_in(color, case["given"], hole).clip(0, 1).transpose(1, 2, 0)
            truth = case["truth"].transpose(1, 2, 0)
            error = np.abs(disparity - case["truth_depth"])[0]
            if judged.any():
                rows.append((psnr(view, truth, judged), ssim(view, truth), float(error[judged].mean())))
        means = [float(value) for value in np.mean(rows, 0)]
        return means, "  ".join("%s %.3f" % pair for pair in zip(FIGURES, means))
