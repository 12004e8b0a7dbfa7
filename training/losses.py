"""What networks are told.

A depth network of ours: all of it ignores scale and shift, which one picture does not show. A segmentation network: that
its answer lies within what each pixel may be of, see class_maps.py. The published networks: disparity in pixels, by the
table DISPARITY. What paints holes: also how that looks, see looks.py.
"""

import math

import torch
from torch.nn import functional

PAIRS = 4000
REACHES = (16, 5)
SCALES = 4
STEPS = (1, 2, 4, 8, 16)
# Pixels of disparity below which all is equally far.
FAINT = 0.01
# Pixels of disparity by which an object may slope from one pixel to the next.
SLOPE = 0.5


def normalise(depth, weight):
    """Median 0, mean absolute deviation 1 of what is known, per picture. N x H x W."""
    flat = depth.flatten(1)
    known = weight.flatten(1) > 0
    middle = (
        torch.where(known, flat, torch.full_like(flat, float("nan"))).nanmedian(1, keepdim=True)[0].nan_to_num(0.0)
    )
    shifted = torch.where(known, flat - middle, torch.zeros_like(flat))
    spread = shifted.abs().sum(1, keepdim=True) / known.sum(1, keepdim=True).clamp(min=1)
    return ((flat - middle) / (spread + 1e-3)).view_as(depth)


def correlation_loss(predicted, truth, weight):
    """1 - Pearson, per picture."""
    p, y, w = (values.flatten(1) for values in (predicted, truth, weight))
    total = w.sum(1, keepdim=True) + 1e-6
    p = p - (p * w).sum(1, keepdim=True) / total
    y = y - (y * w).sum(1, keepdim=True) / total
    product = (w * p * y).sum(1)
    return 1 - product / ((w * p * p).sum(1) * (w * y * y).sum(1) + 1e-6).sqrt()


def draw_pairs(height, width, generator, device):
    """Flat positions of pixel pairs: a third anywhere, the others near each other, some so near that only an outline
    lies between them."""

    def draw(low, high, count):
        return torch.randint(low, high, (count,), generator=generator)

    first = draw(0, height * width, PAIRS)
    part = PAIRS // (len(REACHES) + 1)
    seconds = [draw(0, height * width, PAIRS - part * len(REACHES))]
    for reach in REACHES:
        near = first[sum(map(len, seconds)) :][:part]
        row = (near // width + draw(-reach, reach + 1, part)).clamp(0, height - 1)
        column = (near % width + draw(-reach, reach + 1, part)).clamp(0, width - 1)
        seconds.append(row * width + column)
    return first.to(device), torch.cat(seconds).to(device)


def ranking_loss(predicted, truth, weight, margin, generator):
    """Which of two pixels is nearer; pairs of less than `margin` (per picture) teach nothing.

    `truth` is normalised; `predicted` is brought to its own spread here.
    """
    first, second = draw_pairs(*truth.shape[1:], generator, truth.device)
    p = predicted.flatten(1)
    p = 2 * p / (p.std(1, keepdim=True) + 1e-3)
    y, w = truth.flatten(1), weight.flatten(1)
    step = y[:, first] - y[:, second]
    sure = torch.minimum(w[:, first], w[:, second]) * step.abs().clamp(max=1) * (step.abs() > margin[:, None])
    wrong = functional.softplus(-3 * (p[:, first] - p[:, second]) * step.sign())
    return (wrong * sure).sum(1) / sure.sum(1).clamp(min=1)


def absolute_loss(predicted, truth, weight):
    """Mean absolute difference of two normalised maps, per picture; single extreme values count little."""
    difference = (predicted - truth).abs().clamp(max=6) * weight
    return difference.flatten(1).sum(1) / (weight.flatten(1).sum(1) + 1e-6)


def gradient_loss(predicted, truth):
    """Differences of neighbours at several scales, per picture: outlines and flat surfaces."""
    error = predicted - truth
    total = 0
    for scale in range(SCALES):
        part = error[:, :: 2**scale, :: 2**scale]
        total = total + (part[:, :, 1:] - part[:, :, :-1]).abs().mean((1, 2))
        total = total + (part[:, 1:] - part[:, :-1]).abs().mean((1, 2))
    return total


def depth_loss(predicted, batch, shares, generator):
    """The weighted sum and its parts. `batch`: depth, weight N x H x W; exact N, 1 where every outline is true.

    `shares`: how much of correlation, ranking, absolute, gradient.
    """
    weight, exact = batch["weight"], batch["exact"]
    truth = normalise(batch["depth"], weight).clamp(-4, 8)
    own = normalise(predicted, weight)
    trust = weight.flatten(1).mean(1).clamp(max=1)
    margin = 0.1 + 0.2 * (1 - batch["measured"])
    parts = {
        "correlation": mean(correlation_loss(predicted, truth.clamp(max=4), weight), trust),
        "ranking": mean(ranking_loss(predicted, truth, weight, margin, generator), trust),
        "absolute": mean(absolute_loss(own, truth, weight), trust),
        "gradient": mean(gradient_loss(own, truth), exact),
    }
    return sum(shares[name] * value for name, value in parts.items()), parts


def imitation_loss(fine_scores, answer, weight):
    """The student's divergence from the teacher, who knows no sky: for him it is background.

    `fine_scores`: N x 22 x H x W logits (networks/segment.py); `answer`: N x 21 x H x W probabilities; `weight`: N x H x W.
    """
    own = fine_scores.log_softmax(1)
    own = torch.cat([own[:, [0, -1]].logsumexp(1, keepdim=True), own[:, 1:-1]], 1)
    return mean((answer * ((answer + 1e-6).log() - own)).sum(1), weight)


def mean(values, weights):
    return (values * weights).sum() / (weights.sum() + 1e-6)


def segment_loss(scores, allowed, shares):
    """The weighted sum and its parts. `scores`: N x C x H x W logits; `allowed`: N x H x W, a bit for each class.

    `allowed` (the part) is -log of the probability of all that a pixel may be of; `overlap` is 1 - Dice of each class
    over the batch where the class is certain or excluded, which is what IoU judges: small things count like large.
    """
    kinds = torch.arange(scores.shape[1], device=scores.device).view(1, -1, 1, 1)
    may = (allowed.int()[:, None] >> kinds & 1).float()
    count = may.sum(1)
    probability = scores.softmax(1)
    within = (probability * may).sum(1)
    teaches = (count < len(kinds[0])).float()
    # Most pixels are easy after minutes: the hard ones count more.
    cost = -torch.log(within + 1e-6) * (1 - within).detach().clamp(min=0.05) ** 0.5
    true = may * (count == 1).float()[:, None]
    decided = true + 1 - may
    both, own, there = ((a * b).sum((0, 2, 3)) for a, b in ((probability, true), (probability, decided), (true, true)))
    overlap = (1 - 2 * both / (own + there + 1e-3))[1:][there[1:] > 0]
    parts = {
        "allowed": (cost * teaches).sum() / teaches.sum().clamp(min=1),
        "overlap": overlap.mean() if len(overlap) else probability.sum() * 0,
    }
    return sum(shares[name] * value for name, value in parts.items()), parts


def weighted_sum(table, shares, *what):
    """The terms of a table that have a share, times these, and the terms."""
    parts = {name: term(*what) for name, term in table.items() if name in shares}
    return sum(shares[name] * value for name, value in parts.items()), parts


def neighbours(values, axis, step=1):
    """The values, and those `step` rows (axis -2) or columns (-1) on."""
    count = values.shape[axis] - step
    return values.narrow(axis, 0, count), values.narrow(axis, step, count)


def l1_loss(predicted, batch):
    return mean((predicted - batch["disparity"]).abs(), batch["weight"])


def ordinal_loss(predicted, batch):
    """Scale-invariant: the logarithms' squared differences, less half of what a common factor explains (Eigen et al.,
    2014, Depth Map Prediction from a Single Image using a Multi-Scale Deep Network)."""
    error = log_distance(predicted) - log_distance(batch["disparity"])
    return mean(error.square(), batch["weight"]) - (0.5 * mean(error, batch["weight"])).square()


def log_distance(disparity):
    """The decimal logarithm, which goes on in a straight line below FAINT: what is less than nothing learns too."""
    line = math.log10(FAINT) + (disparity - FAINT) / math.log(10)
    return torch.where(disparity > FAINT, disparity.clamp(min=FAINT).log10(), line)


def slopes_loss(predicted, batch):
    """Scale-invariant differences of neighbours at five distances (Ummenhofer et al., 2017, DeMoN): outlines, and
    smoothness between them."""
    truth, weight = batch["disparity"], batch["weight"]
    total = 0
    for step in STEPS:
        if step >= min(truth.shape[-2:]):
            break
        errors, known = 0, 1
        for axis, other in ((-2, -1), (-1, -2)):
            # Of the pixels that have neighbours in both directions.
            p, y, w = (neighbours(values, other, step)[0] for values in (predicted, truth, weight))
            errors = errors + (slope(p, axis, step) - slope(y, axis, step)).square()
            known = known * torch.minimum(*neighbours(w, axis, step))
        total = total + mean((errors + 1e-9).sqrt(), known)
    return total


def slope(values, axis, step):
    first, second = neighbours(values, axis, step)
    return (second - first) / (first.abs() + second.abs() + FAINT)


def mask_loss(predicted, batch):
    """An object is all at one distance, but for gentle slopes: steeper ones within its mask cost what they exceed them
    by. `objects`: numbers, 0 = none."""
    cost = count = 0
    for axis in (-2, -1):
        first, second = neighbours(batch["objects"], axis)
        within = ((first == second) & (first > 0)).float()
        here, there = neighbours(predicted, axis)
        cost = cost + (((there - here).abs() - SLOPE).clamp(min=0) * within).sum()
        count = count + within.sum()
    return cost / (count + 1)


# Each takes N x H x W of disparity and a batch: `disparity`, `weight` and `objects`, likewise N x H x W.
DISPARITY = {"l1": l1_loss, "ordinal": ordinal_loss, "slopes": slopes_loss, "mask": mask_loss}


def share_of(values, weight):
    """The weighted mean over all pixels of the batch: large holes count more than small ones."""
    return (values.mean(1, keepdim=True) * weight).sum() / (weight.sum() + 1)


def total_variation(painted, weight):
    """Differences of neighbours of which one at least counts: a painted hole joins what is about it."""
    total = 0
    for axis in (-2, -1):
        here, there = neighbours(painted, axis)
        total = total + share_of((there - here).abs(), torch.maximum(*neighbours(weight, axis)))
    return total
