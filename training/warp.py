"""A picture with depth seen from elsewhere, what that uncovers, and the classical fill of it.

A motion is (a, b, c): a point at pixel (x, y) of inverse depth d (1 = the scene's largest) goes to
x' = cx + (x - cx + a d) / (1 - c d), likewise y' with b, and its inverse depth becomes d / (1 - c d). So a and b are the
pixels by which the nearest point moves aside, c is the share of the way to it that the camera goes ahead, and the
negative motion leads back. Positions are of pixels' numbers: the middle of the first one is 0.
"""

from dataclasses import dataclass

import numpy as np

from training.scenes.render import smooth

# Pixels of motion by which two neighbours may differ and be one surface.
JUMP = 2.0


@dataclass
class View:
    """The place in the source that each pixel shows (2 x H x W: x, y), in holes the one that fills it the classical
    way; inverse depth, filled likewise; which pixels are known; and for each hole how many ends its line of motion has
    there, 0 to 2, and how many pixels it is to the nearer surface, which uncovers it."""

    place: np.ndarray
    depth: np.ndarray
    known: np.ndarray
    ends: np.ndarray
    from_near: np.ndarray

    def show(self, picture):
        """The source's colours here."""
        return sample(picture, self.place)


def sample(picture, place):
    """H x W x C of floats at 2 x H x W places, bilinear."""
    limits = np.array(picture.shape[1::-1], np.float32)[:, None, None] - 1
    place = np.clip(place, 0, limits)
    low = np.minimum(place.astype(np.int32), np.maximum(limits.astype(np.int32) - 1, 0))
    x, y = low
    u, v = (place - low)[..., None]
    top = picture[y, x] * (1 - u) + picture[y, x + 1] * u
    return top * (1 - v) + (picture[y + 1, x] * (1 - u) + picture[y + 1, x + 1] * u) * v


def reach(motion, shape):
    """Pixels by which a motion moves the nearest point at most."""
    return float(np.hypot(motion[0], motion[1]) + abs(motion[2]) * max(shape) / 2)


def splat(depth, motion, centre):
    """Nearest wins: place and inverse depth of the moved view's pixels, -1 where nothing is."""
    height, width = depth.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    grow = 1 / np.maximum(1 - motion[2] * depth, 0.05).astype(np.float32)
    to_x = centre[0] + (x - centre[0] + np.float32(motion[0]) * depth) * grow
    to_y = centre[1] + (y - centre[1] + np.float32(motion[1]) * depth) * grow
    near = depth * grow
    column, row = np.rint(to_x).astype(np.int32), np.rint(to_y).astype(np.int32)
    inside = np.flatnonzero(((column >= 0) & (column < width) & (row >= 0) & (row < height)).ravel())
    # The last one written stays.
    order = inside[np.argsort(near.ravel()[inside], kind="stable")]
    winner = np.full(height * width, -1, np.int64)
    winner[(row * width + column).ravel()[order]] = order
    winner = winner.reshape(height, width)
    covered = winner >= 0
    place = np.stack([x + 0, y + 0])
    for axis, own, other in ((0, x, to_x), (1, y, to_y)):
        exact = own.ravel()[winner] + (own - other.ravel()[winner]) / grow.ravel()[winner]
        place[axis][covered] = exact[covered]
    return place, np.where(covered, near.ravel()[winner], -1).astype(np.float32)


def close_cracks(place, depth, jump):
    """A nearer surface that is enlarged leaves lines of a pixel free: its two sides close them."""
    for axis in (1, 0):
        first, middle, last = [slice(None)] * 2, [slice(None)] * 2, [slice(None)] * 2
        first[axis], middle[axis], last[axis] = slice(None, -2), slice(1, -1), slice(2, None)
        first, middle, last = tuple(first), tuple(middle), tuple(last)
        low, high = np.minimum(depth[first], depth[last]), np.maximum(depth[first], depth[last])
        crack = (low >= 0) & (high - low < jump) & (depth[middle] < low - np.where(depth[middle] < 0, 0, jump))
        for plane in (*place, depth):
            plane[middle] = np.where(crack, (plane[first] + plane[last]) / 2, plane[middle])


def drop_specks(depth):
    """Single points within a hole are of neither side: a line that met one would carry its colour."""
    known = np.pad(depth >= 0, 1, mode="edge").astype(np.uint8)
    rows = known[:-2] + known[1:-1] + known[2:]
    depth[rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] < 5] = -1


def walk(depth, start, step, jump):
    """Along the line from each start to the first pixel that is not -1, and one further if that is of one surface.

    `start`, `step`: 2 x N. Returns the flat pixel number, -1 = none, and how many steps.
    """
    height, width = depth.shape
    found, steps = np.full(start.shape[1], -1, np.int64), np.zeros(start.shape[1], np.float32)
    active = np.arange(start.shape[1])

    def at(count):
        x, y = np.rint(start[:, active] + step[:, active] * count).astype(np.int64)
        return y * width + x, (x >= 0) & (x < width) & (y >= 0) & (y < height)

    flat = depth.ravel()
    for count in range(1, height + width):
        pixel, inside = at(count)
        active, pixel = active[inside], pixel[inside]
        if not len(active):
            break
        hit = flat[pixel] >= 0
        arrived, rest = active[hit], active[~hit]
        found[arrived], steps[arrived] = pixel[hit], count
        active = arrived
        further, inside = at(count + 1)
        alike = inside.copy()
        alike[inside] = np.abs(flat[further[inside]] - flat[pixel[hit]][inside]) < jump
        alike[inside] &= flat[further[inside]] >= 0
        found[arrived[alike]] = further[alike]
        active = rest
    return found, steps


def move(depth, motion, centre=None):
    """The view after a motion, from H x W inverse depth of 0..1. `centre`: the optical axis, default the middle."""
    height, width = depth.shape
    if centre is None:
        centre = (width - 1) / 2, (height - 1) / 2
    jump = JUMP / max(reach(motion, depth.shape), 4.0)
    place, near = splat(depth, motion, centre)
    close_cracks(place, near, jump)
    drop_specks(near)
    known = near >= 0
    row, column = np.nonzero(~known)
    start = np.stack([column, row]).astype(np.float32)
    step = np.array(motion[:2], np.float32)[:, None] + np.float32(motion[2]) * (
        start - np.array(centre, np.float32)[:, None]
    )
    step = step / np.maximum(np.abs(step).max(0), 1e-6)
    ends = [walk(near, start, sign * step, jump) for sign in (1, -1)]
    flat = near.ravel()
    reached = np.stack([found >= 0 for found, _ in ends])
    far = np.stack([np.where(found >= 0, flat[found], np.inf) for found, _ in ends])
    side = far.argmin(0)
    chosen = np.where(side == 0, ends[0][0], ends[1][0])
    both = reached.all(0)
    count, from_near = np.full(depth.shape, 2, np.uint8), np.zeros(depth.shape, np.float32)
    count[row, column] = reached.sum(0)
    from_near[row, column] = np.where(both, np.where(side == 0, ends[1][1], ends[0][1]), height + width)
    some = chosen >= 0
    # Where the line meets nothing, what is there: the source itself, as far away as anything.
    near[row, column] = np.where(some, flat[chosen], near[known].min() if known.any() else 0)
    for plane in place:
        plane[row[some], column[some]] = plane.ravel()[chosen[some]]
    return View(place, near, known, count, from_near)


def soften(picture, known):
    """The classical fill's last step: holes blurred, by about 3 pixels."""
    return np.where(known[..., None], picture, smooth(smooth(picture, 3), 3))
