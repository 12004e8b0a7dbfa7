"""The errors that depth papers give (Eigen et al., 2014), those of outlines and planes (Koch et al., 2018, Evaluation of
CNN-based Single-Image Depth Estimation Methods), and how an answer up to scale and shift comes to metres.
"""

import numpy as np

from training.depth_files import need

DEPTH = ("abs_rel", "sq_rel", "rms", "log10", "delta1", "delta2", "delta3")
OUTLINES = ("dbe_acc", "dbe_com")
PLANES = ("pe_fla", "pe_ori")
# Metres that no depth is nearer than.
NEAREST = 0.1
FARTHEST_EDGE = 10.0


def to_metres(answer, truth, known, kind):
    """Scale and shift by least squares over what is known: of depth ("depth", as 3D Ken Burns was judged) or of inverse
    depth ("inverse", what fits an answer whose zero is not infinity)."""
    own = 1 / np.maximum(answer, 1e-6) if kind == "depth" else answer
    wanted = truth if kind == "depth" else 1 / np.maximum(truth, NEAREST)
    columns = np.stack([own[known], np.ones(known.sum())], 1)
    scale, shift = np.linalg.lstsq(columns, wanted[known], rcond=None)[0]
    fitted = own * scale + shift
    if kind == "inverse":
        fitted = 1 / np.maximum(fitted, 1 / (2 * float(truth[known].max())))
    return np.maximum(fitted, NEAREST)


def depth_errors(depth, truth, known):
    p, y = depth[known].astype(np.float64), truth[known].astype(np.float64)
    ratio = np.maximum(p / y, y / p)
    return {
        "abs_rel": float((np.abs(p - y) / y).mean()),
        "sq_rel": float(((p - y) ** 2 / y).mean()),
        "rms": float(np.sqrt(((p - y) ** 2).mean())),
        "log10": float(np.abs(np.log10(p) - np.log10(y)).mean()),
        **{"delta%d" % k: float((ratio < 1.25**k).mean()) for k in (1, 2, 3)},
    }


def canny(image, sigma=2**0.5, low=0.15, high=0.3):
    """Edges of an image of 0..1 (Canny, 1986): where the slope is steepest across them, from strong ones on."""
    ndimage = need("scipy.ndimage").ndimage
    smooth = ndimage.gaussian_filter(image.astype(np.float64), sigma)
    slopes = [ndimage.sobel(smooth, axis) for axis in (0, 1)]
    # Rounded, so that what is equally steep stays so whatever the last bits are.
    steepness = np.round(np.hypot(*slopes), 9)
    # Along the slope, to the nearest of eight neighbours.
    sector = np.round(np.arctan2(*slopes) / (np.pi / 4)).astype(int) % 4
    padded = np.pad(steepness, 1)
    height, width = image.shape
    is_peak = np.zeros(image.shape, bool)
    for number, (down, right) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]
        behind = padded[1 - down : 1 - down + height, 1 - right : 1 - right + width]
        is_peak |= (sector == number) & (steepness >= ahead) & (steepness > behind)
    # The border's slopes are the filter's own.
    is_peak[[0, -1]] = is_peak[:, [0, -1]] = False
    labels, count = ndimage.label(is_peak & (steepness >= low), np.ones((3, 3)))
    strong = np.zeros(count + 1, bool)
    strong[np.unique(labels[is_peak & (steepness >= high)])] = True
    strong[0] = False
    return strong[labels]


def outline_errors(depth, edges):
    """Pixels from the answer's outlines to the true ones, of those within ten of any, and back; ten at most."""
    distance = need("scipy.ndimage").ndimage.distance_transform_edt
    low, high = float(depth.min()), float(depth.max())
    own = canny((depth - low) / max(high - low, 1e-9))
    to_true = distance(~edges)
    near = own & (to_true < FARTHEST_EDGE)
    if not near.any():
        return {"dbe_acc": FARTHEST_EDGE, "dbe_com": FARTHEST_EDGE}
    to_own = np.minimum(distance(~own), FARTHEST_EDGE)
    return {"dbe_acc": float(to_true[near].mean()), "dbe_com": float(to_own[edges].mean())}


def fit_plane(points):
    """Normal and distances of N x 3 points from their plane."""
    centred = points - points.mean(0)
    normal = np.linalg.svd(centred, full_matrices=False)[2][2]
    return normal, centred @ normal


def plane_errors(depth, truth, mask, calibration):
    """Of one plane: by how many centimetres the answer's points lie off a plane, and the angle in degrees between that
    and the true one."""
    fx, fy, cx, cy = calibration
    row, column = np.nonzero(mask)
    rays = np.stack([(column - cx) / fx, (row - cy) / fy, np.ones(len(row))], 1)
    normal, off = fit_plane(rays * depth[mask][:, None])
    true_normal, _ = fit_plane(rays * truth[mask][:, None])
    cosine = min(abs(float(normal @ true_normal)), 1.0)
    return {"pe_fla": 100 * float(off.std()), "pe_ori": float(np.degrees(np.arccos(cosine)))}
