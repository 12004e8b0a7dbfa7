"""Textures: drawn by rule, or cut from photographs; all in one atlas of 256 x 256 with smaller levels."""

import numpy as np
from PIL import Image

SIDE = 256
LEVELS = 6
LEVEL_SIDES = np.array([SIDE >> level for level in range(LEVELS)])
LEVEL_STARTS = np.concatenate([[0], np.cumsum(LEVEL_SIDES**2)])
RULES = ("cloud", "checks", "stripes", "bricks", "wood", "windows", "leaves", "planks")


def cloud(rng, side, octaves=6, persistence=0.6):
    """Smooth noise, 0..1."""
    total, weight = np.zeros((side, side), np.float32), 1.0
    for octave in range(1, octaves + 1):
        cells = 2**octave + int(rng.integers(0, 2))
        coarse = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
        total += weight * np.asarray(coarse.resize((side, side), Image.BICUBIC))
        weight *= persistence
    return (total - total.min()) / (np.ptp(total) + 1e-6)


def draw_mask(rule, rng, noise):
    """Where the second colour shows, 0..1."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    count = 2 ** int(rng.integers(1, 6))
    if rule == "checks":
        return ((x * count).astype(int) + (y * count).astype(int)) % 2
    if rule == "stripes":
        return x * count % 1 < rng.uniform(0.05, 0.5)
    if rule == "bricks":
        count = min(count, 16)
        row = (y * 2 * count).astype(int) % 2
        return ((x * count + 0.5 * row) % 1 < 0.06) | (y * 2 * count % 1 < 0.1)
    if rule == "wood":
        return 0.5 + 0.5 * np.sin((x + 0.15 * noise) * 2 * np.pi * count)
    if rule == "windows":
        count, a, b = min(count, 8), *rng.uniform(0.2, 0.42, 2)
        return (np.abs(x * count % 1 - 0.5) < a) & (np.abs(y * count % 1 - 0.5) < b)
    if rule == "leaves":
        return cloud(rng, SIDE, 8, 1.0) > 0.5
    if rule == "planks":
        row = (y * count).astype(int)
        return ((y * count % 1 < 0.05) | ((x + row * 0.37) % 0.5 < 0.008)) * 1.0 + 0.3 * np.sin(row * 12.9)
    return noise


def draw_texture(rng):
    noise = cloud(rng, SIDE, 7, rng.uniform(0.4, 0.95))
    rule = RULES[rng.integers(len(RULES))]
    first, second = rng.uniform(0.05, 0.95, (2, 3))
    if rng.random() < 0.85:
        first = first.mean() + 0.3 * (first - first.mean())
        second = (
            second.mean() + 0.3 * (second - second.mean()) if rng.random() < 0.4 else first * rng.uniform(0.5, 1.5)
        )
    mask = np.clip(np.asarray(draw_mask(rule, rng, noise), np.float32), 0, 1)[..., None]
    texture = first + (second - first) * mask
    return np.clip(texture * (1 + rng.uniform(0, 0.6) * (noise[..., None] - 0.5)), 0, 1) * 255


def levels(texture):
    """All levels of one texture, 256 px to 8 px, one below the other: N x 3 of uint8."""
    current, rows = texture.astype(np.float32), []
    for _ in range(LEVELS):
        rows.append(current.reshape(-1, 3))
        side = len(current) // 2
        current = current.reshape(side, 2, side, 2, 3).mean((1, 3))
    return np.concatenate(rows).round().astype(np.uint8)


def cut_texture(picture, rng):
    """A square of a photograph, mirrored to tile where it is small."""
    height, width = picture.shape[:2]
    side = int(rng.integers(min(height, width) // 5, min(height, width) + 1))
    y, x = rng.integers(0, height - side + 1), rng.integers(0, width - side + 1)
    tile = Image.fromarray(picture[y : y + side, x : x + side])
    if rng.random() < 0.5:
        return np.asarray(tile.resize((SIDE, SIDE), Image.BOX if side > SIDE else Image.BILINEAR))
    half = np.asarray(tile.resize((SIDE // 2, SIDE // 2), Image.BOX))
    row = np.concatenate([half, half[:, ::-1]], 1)
    return np.concatenate([row, row[::-1]])


class Atlas:
    """`drawn` and `cut` are the texture numbers of each kind."""

    def __init__(self, pictures=(), seed=0, drawn=200, cut=400):
        rng = np.random.default_rng([seed, 1])
        rows = [levels(draw_texture(np.random.default_rng([seed, 2, k]))) for k in range(drawn)]
        for k in range(cut if len(pictures) else 0):
            rows.append(levels(cut_texture(pictures[k % len(pictures)], rng)))
        self.texels = np.stack(rows)
        self.drawn = np.arange(drawn)
        self.cut = np.arange(drawn, len(rows)) if len(rows) > drawn else self.drawn

    def append(self, cut_outs):
        """Gives each cut-out's texture a number."""
        first = len(self.texels)
        for k, cut_out in enumerate(cut_outs):
            cut_out.number = first + k
        if len(cut_outs):
            self.texels = np.concatenate([self.texels, np.stack([levels(one.texture) for one in cut_outs])])

    def sample(self, number, uv, texels_per_pixel):
        """Colours 0..1, N x 3, from the level that suits the footprint; smooth where a texel is seen large.

        `uv`: in texels of the largest level.
        """
        level = np.clip(np.log2(np.maximum(texels_per_pixel, 1e-3)) + 0.3, 0, LEVELS - 1).astype(np.int64)
        colors = self.texel(number, level, np.floor(uv[0]).astype(np.int64), np.floor(uv[1]).astype(np.int64))
        large = np.flatnonzero(texels_per_pixel < 0.7)
        if len(large):
            colors[large] = self.blend(number[large], uv[:, large] - 0.5)
        return colors / 255

    def texel(self, number, level, u, v):
        side = LEVEL_SIDES[level]
        cell = LEVEL_STARTS[level] + ((v >> level) & (side - 1)) * side + ((u >> level) & (side - 1))
        return self.texels[number, cell].astype(np.float32)

    def blend(self, number, uv):
        """Bilinear between four texels of the largest level."""
        corner = np.floor(uv).astype(np.int64)
        part = (uv - corner).astype(np.float32)
        level = np.zeros(len(number), np.int64)
        total = np.zeros((len(number), 3), np.float32)
        for du in (0, 1):
            for dv in (0, 1):
                weight = (part[0] if du else 1 - part[0]) * (part[1] if dv else 1 - part[1])
                total += self.texel(number, level, corner[0] + du, corner[1] + dv) * weight[:, None]
        return total
