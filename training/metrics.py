"""How well an answer orders a picture. Everything but the order is fitted away, as for any monocular answer. And how near
one picture is to another.
"""

import numpy as np

PAIRS = 20000
NEAR_PAIRS = (6, 24)
GRID = 320
TOLERANCE = 1.1


def ranks(values):
    """Mean ranks: equal values share theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts + 1) / 2)[inverse.ravel()]


def spearman(predicted, truth):
    a, b = ranks(predicted), ranks(truth)
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12))


def pairs(shape, near, rng):
    rows, columns = rng.integers(0, shape[0], PAIRS), rng.integers(0, shape[1], PAIRS)
    if not near:
        return rows, columns, rng.integers(0, shape[0], PAIRS), rng.integers(0, shape[1], PAIRS)
    angle, length = rng.uniform(0, 2 * np.pi, PAIRS), rng.uniform(*NEAR_PAIRS, PAIRS)
    other = (
        np.round(rows + np.sin(angle) * length).astype(int),
        np.round(columns + np.cos(angle) * length).astype(int),
    )
    inside = (other[0] >= 0) & (other[0] < shape[0]) & (other[1] >= 0) & (other[1] < shape[1])
    return rows[inside], columns[inside], other[0][inside], other[1][inside]


def ordinal(predicted, truth, known, near, seed=0):
    """Share of pairs in the right order, of those whose depths differ by more than a tenth; NaN without any."""
    a, b, c, d = pairs(truth.shape, near, np.random.default_rng(seed))
    first, second = truth[a, b], truth[c, d]
    low, high = np.minimum(first, second), np.maximum(first, second)
    sure = known[a, b] & known[c, d] & (high > low * TOLERANCE + 1e-6)
    if not sure.any():
        return float("nan")
    return float((np.sign(predicted[a, b] - predicted[c, d]) == np.sign(first - second))[sure].mean())


def fit(predicted, truth):
    """Scale and shift of inverse depth, by least squares."""
    columns = np.stack([predicted, np.ones_like(predicted)], 1)
    scale, shift = np.linalg.lstsq(columns, truth, rcond=None)[0]
    return np.maximum(predicted * scale + shift, truth[truth > 0].min() * 0.5 if (truth > 0).any() else 1e-3)


def relative(predicted, truth):
    """delta 1 to 3 and the mean relative error of depth, after scale and shift, where the truth is finite."""
    fitted = fit(predicted, truth)
    finite = truth > 1e-4
    ratio = fitted[finite] / truth[finite]
    worse = np.maximum(ratio, 1 / ratio)
    errors = np.abs(1 / ratio - 1)
    return [float((worse < 1.25**k).mean()) for k in (1, 2, 3)] + [float(errors.mean())]


def outline(depth, known, threshold):
    """Pixels whose right or lower neighbour is nearer or farther by the threshold, as a ratio."""
    edge = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        first, second = [slice(None)] * 2, [slice(None)] * 2
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        first, second = tuple(first), tuple(second)
        low, high = np.minimum(depth[first], depth[second]), np.maximum(depth[first], depth[second])
        edge[first] |= (high > low * threshold + 1e-3) & known[first] & known[second]
    return edge


def distance_to(edge, most=10):
    """Distance in pixels to the nearest edge pixel, up to `most`, by growing one ring at a time."""
    distance = np.full(edge.shape, float(most))
    grown = edge.copy()
    distance[grown] = 0
    for ring in range(1, most):
        wider = grown.copy()
        wider[1:] |= grown[:-1]
        wider[:-1] |= grown[1:]
        wider[:, 1:] |= grown[:, :-1]
        wider[:, :-1] |= grown[:, 1:]
        distance[wider & ~grown] = ring
        grown = wider
    return distance


def boundary_error(predicted, truth, known):
    """Mean distance in pixels between the fitted answer's outlines and the truth's, both ways, at most 10."""
    fitted = predicted.copy()
    fitted[known] = fit(predicted[known], truth[known])
    own, true = outline(fitted, known, 1.15), outline(truth, known, 1.25)
    if true.sum() < 20:
        return float("nan")
    missed = distance_to(own)[true].mean()
    invented = distance_to(true)[own].mean() if own.any() else 10.0
    return float((missed + invented) / 2)


def score(predicted, truth, with_outlines=True):
    """All figures of one picture. Both H x W inverse depth of one size; truth of exactly -1 is unknown."""
    known = truth >= 0
    p, y = predicted[known].astype(np.float64), truth[known].astype(np.float64)
    delta1, delta2, delta3, error = relative(p, y)
    result = {
        "rho": spearman(p, y),
        "ordinal": ordinal(predicted, truth, known, False),
        "local": ordinal(predicted, truth, known, True),
        "delta1": delta1,
        "delta2": delta2,
        "delta3": delta3,
        "abs_rel": error,
    }
    if with_outlines:
        result["boundary"] = boundary_error(predicted.astype(np.float64), truth.astype(np.float64), known)
    return result


def psnr(picture, truth, where=None):
    """Of colours of 0..1, over the pixels of a mask."""
    error = (picture.astype(np.float64) - truth) ** 2
    return float(-10 * np.log10((error if where is None else error[where]).mean() + 1e-12))


def gauss(plane, sigma=1.5, reach=5):
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    for axis in (0, 1):
        windows = np.lib.stride_tricks.sliding_window_view(plane, len(weights), axis)
        plane = windows @ (weights / weights.sum())
    return plane


def ssim(picture, truth, where=None):
    """Structural similarity of colours of 0..1 (Wang et al., 2004): a Gaussian window of 11, deviation 1.5, the mean of
    all windows that lie within the picture, or of those whose middle a mask holds."""
    maps = []
    for channel in range(picture.shape[2]):
        x, y = picture[..., channel].astype(np.float64), truth[..., channel].astype(np.float64)
        mean_x, mean_y = gauss(x), gauss(y)
        spread_x, spread_y = gauss(x * x) - mean_x**2, gauss(y * y) - mean_y**2
        both = gauss(x * y) - mean_x * mean_y
        alike = (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
        maps.append(alike * (2 * both + 9e-4) / (spread_x + spread_y + 9e-4))
    map_ = np.mean(maps, 0)
    return float((map_ if where is None else map_[where[5:-5, 5:-5]]).mean())
