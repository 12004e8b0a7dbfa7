"""What networks are told.

A depth network: all of it ignores scale and shift, which one picture does not show. A segmentation network: that its
answer lies within what each pixel may be of, see class_maps.py.
"""

import torch
from torch.nn import functional

PAIRS = 4000
REACHES = (16, 5)
SCALES = 4


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
