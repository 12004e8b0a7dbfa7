"""Cut-out shapes: drawn outlines of people, trees, animals and blobs, and what their insides are like."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.scenes.textures import cloud

SIDE = 128


class Outline:
    """A mask with relief 0..1 (round at the rim), its slopes per unit of the card, and numbered parts."""

    # Pinned: its texture covers the card exactly once.
    is_pinned = False

    def __init__(self, mask, parts=None, flat=False):
        self.mask = mask
        self.parts = np.zeros(mask.shape, np.int64) if parts is None else parts
        self.relief = np.zeros(mask.shape, np.float32) if flat else swell(mask)
        slope_y, slope_x = np.gradient(self.relief)
        self.slope_x, self.slope_y = slope_x * mask.shape[1], slope_y * mask.shape[0]


def swell(mask):
    """Rises from 0 at the rim to 1 well inside, like a pillow."""
    image = Image.fromarray(np.pad(mask, 16).astype(np.uint8) * 255)
    height = np.asarray(image.filter(ImageFilter.BoxBlur(7)).filter(ImageFilter.BoxBlur(5)), np.float32)[
        16:-16, 16:-16
    ]
    height = np.sqrt(np.clip(height / 255 * 2 - 1, 0, 1)) * mask
    return height.astype(np.float32)


class Pencil:
    """Draws on a grid of 0..128 in both directions."""

    def __init__(self):
        self.image = Image.new("L", (SIDE, SIDE))
        self.draw = ImageDraw.Draw(self.image)

    def ellipse(self, x, y, rx, ry):
        self.draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=255)

    def polygon(self, *points):
        self.draw.polygon([tuple(map(float, point)) for point in points], fill=255)

    def line(self, x0, y0, x1, y1, width):
        self.draw.line((float(x0), float(y0), float(x1), float(y1)), fill=255, width=max(1, int(width)))
        for x, y in ((x0, y0), (x1, y1)):
            self.ellipse(x, y, width / 2, width / 2)

    def mask(self):
        return np.asarray(self.image) > 0


def draw_person(rng):
    """Standing, from the front or aside. Parts from below: legs, body, face, hair."""
    pencil, uniform = Pencil(), rng.uniform
    head, shoulder, hip = uniform(6, 8), uniform(13, 21), uniform(9, 16)
    waist = uniform(60, 72)
    pencil.ellipse(64, 12, head * 0.85, head * 1.2)
    pencil.polygon(
        (59, 18), (69, 18), (64 + shoulder, 28), (64 + hip, waist), (64 - hip, waist), (64 - shoulder, 28)
    )
    for side in (-1, 1):
        foot = 64 + side * (hip * 0.5 + uniform(0, 14))
        pencil.line(64 + side * hip * 0.5, waist - 2, foot, 124, uniform(8, 13))
        elbow = 64 + side * (shoulder + uniform(-5, 13)), 30 + uniform(12, 24)
        pencil.line(64 + side * (shoulder - 2), 31, *elbow, 7)
        pencil.line(*elbow, elbow[0] + uniform(-14, 14), elbow[1] + uniform(-16, 18), 6)
    if uniform() < 0.25:
        pencil.polygon((64 - hip, waist - 12), (64 + hip, waist - 12), (64 + hip * 2, 108), (64 - hip * 2, 108))
    rows = np.arange(SIDE)[:, None] + np.zeros((1, SIDE), np.int64)
    parts = np.where(rows < 8, 3, np.where(rows < 21, 2, np.where(rows < waist, 1, 0)))
    return Outline(pencil.mask(), parts)


def draw_tree(rng):
    """Parts: crown, trunk."""
    pencil, uniform = Pencil(), rng.uniform
    trunk = uniform(1.5, 5)
    pencil.polygon((64 - trunk, 50), (64 + trunk, 50), (64 + trunk * 1.6, 128), (64 - trunk * 1.6, 128))
    wood = pencil.mask()
    if uniform() < 0.3:
        bottom, spread = uniform(90, 120), uniform(16, 34)
        for k in range(7):
            y = 4 + (bottom - 4) * k / 7
            pencil.polygon((64, y - 8), (64 + spread * (k + 1) / 7, y + 18), (64 - spread * (k + 1) / 7, y + 18))
    else:
        for _ in range(rng.integers(8, 26)):
            pencil.ellipse(64 + rng.normal(0, 19), 44 + rng.normal(0, 15), uniform(7, 20), uniform(6, 17))
    mask = pencil.mask() & (wood | (cloud(rng, SIDE, 7, 0.95) < uniform(0.55, 0.8)))
    parts = (np.arange(SIDE)[:, None] > 84) & wood
    return Outline(mask, parts.astype(np.int64))


def draw_bush(rng):
    pencil, uniform = Pencil(), rng.uniform
    for _ in range(rng.integers(8, 22)):
        pencil.ellipse(64 + rng.normal(0, 24), 100 + rng.normal(0, 14), uniform(10, 26), uniform(10, 26))
    return Outline(pencil.mask() & (cloud(rng, SIDE, 7, 0.9) < uniform(0.68, 0.85)))


def draw_animal(rng):
    """Four legs, seen from the side."""
    pencil, uniform = Pencil(), rng.uniform
    back = uniform(44, 66)
    pencil.ellipse(62, back + 10, uniform(30, 40), uniform(13, 21))
    neck = uniform(-4, 30)
    pencil.line(90, back + 4, 102, back - neck, uniform(10, 18))
    pencil.ellipse(106, back - neck - 2, uniform(11, 17), uniform(8, 13))
    pencil.polygon((98, back - neck - 4), (101, back - neck - uniform(12, 24)), (107, back - neck - 8))
    for x in (38, 48, 80, 90):
        pencil.line(x, back + 16, x + uniform(-6, 6), 125, uniform(5, 9))
    pencil.line(30, back, uniform(4, 22), back + uniform(-30, 24), 4)
    mask = pencil.mask()
    return Outline(mask[:, ::-1].copy() if uniform() < 0.5 else mask)


def draw_blob(rng):
    """Any shape with one rim."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = np.full(90, 44.0)
    for k in range(2, 9):
        radius += rng.normal(0, 14 / k) * np.cos(k * angle + rng.uniform(0, 6))
    if rng.random() < 0.3:
        radius *= np.where((angle * rng.integers(3, 9) / np.pi) % 1 < 0.5, 1, rng.uniform(0.5, 0.9))
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    points = (points - points.min(0)) / np.ptp(points, axis=0) * 124 + 2
    pencil = Pencil()
    pencil.polygon(*points)
    return Outline(pencil.mask())


def draw_ridge(rng):
    """A skyline: hills, a wood's edge, far roofs."""
    line = np.interp(np.arange(SIDE), np.linspace(0, SIDE, 7), rng.normal(0, 1, 7))
    line += 0.35 * np.interp(np.arange(SIDE), np.linspace(0, SIDE, 30), rng.normal(0, 1, 30))
    if rng.random() < 0.3:
        line = np.repeat(line[::8], 8)
    line = (line - line.min()) / np.ptp(line) * rng.uniform(0.2, 0.75) + 0.2 * rng.random()
    return Outline(np.arange(SIDE)[:, None] >= (1 - line)[None] * SIDE, flat=True)


DRAW = {
    "person": draw_person,
    "tree": draw_tree,
    "bush": draw_bush,
    "animal": draw_animal,
    "blob": draw_blob,
    "ridge": draw_ridge,
}


def draw_outlines(seed=0, count=40):
    return {
        name: [draw(np.random.default_rng([seed, number, k])) for k in range(count)]
        for number, (name, draw) in enumerate(DRAW.items())
    }
