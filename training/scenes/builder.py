"""What layouts and objects build with: one random source, materials, and the numbering of instances."""

import numpy as np

from training.scenes import REST
from training.scenes.primitives import Box, Card, Cylinder, Ellipsoid, turn
from training.scenes.scene import NO_TEXTURE, Light, Material, Scene, Sky

SKIN = np.array([0.85, 0.62, 0.5])
WOOD = np.array([0.45, 0.3, 0.18])
GREEN = np.array([0.27, 0.42, 0.16])


class Builder:
    def __init__(self, rng, library, width, height):
        self.rng, self.library = rng, library
        self.width, self.height = width, height
        self.scene = Scene(library.atlas)
        self.kind, self.instance, self.instance_count = REST, 0, 0
        self.camera = None

    def uniform(self, low, high):
        return float(self.rng.uniform(low, high))

    def log_uniform(self, low, high):
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def chance(self, probability):
        return self.rng.random() < probability

    def count(self, low, high):
        """A whole number, both ends included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, values):
        return values[self.rng.integers(len(values))]

    def roll(self):
        """Of the camera: seldom much."""
        return self.rng.normal(0, 15 if self.chance(0.13) else 2.5)

    # Materials

    def color(self):
        """Mostly muted, as most of the world is."""
        color = self.rng.uniform(0.05, 1, 3)
        keep = self.uniform(0.05, 0.4) if self.chance(0.85) else self.uniform(0.4, 1)
        return color.mean() + keep * (color - color.mean())

    def material(self, photo=0.5, scale=1.0, color=None, mix=None, gloss=None):
        """`photo`: how likely its texture is cut from a photograph; `color` tints it strongly."""
        draw = self.rng.random()
        if draw < photo:
            texture = int(self.pick(self.library.atlas.cut))
        else:
            texture = int(self.pick(self.library.atlas.drawn)) if self.chance(0.6) else NO_TEXTURE
        if color is None:
            color = self.color()
            mix = self.uniform(0, 0.6) if mix is None else mix
        mix = self.uniform(0.4, 0.9) if mix is None else mix
        gloss = (self.uniform(0.2, 0.8) if self.chance(0.2) else 0.0) if gloss is None else gloss
        return Material(
            tuple(np.asarray(color) * self.uniform(0.6, 1.2)),
            texture,
            mix,
            scale * self.log_uniform(0.6, 2.4),
            tuple(self.rng.integers(0, 256, 2)),
            gloss,
        )

    def plain(self, color=None, gloss=0.0):
        color = self.color() if color is None else np.asarray(color)
        return Material(tuple(color * self.uniform(0.7, 1.15)), gloss=gloss)

    # Primitives; all carry the class and instance that are set

    def begin(self, kind=REST):
        self.instance_count += 1
        self.kind, self.instance = kind, self.instance_count
        return self

    def end(self):
        self.kind, self.instance = REST, 0

    def add(self, primitive):
        primitive.kind, primitive.instance = self.kind, self.instance
        self.scene.primitives.append(primitive)
        return primitive

    def box(self, center, half, material, yaw=0.0, lean=0.0, tip=0.0):
        return self.add(Box(center, half, material, turn(yaw, lean, tip)))

    def ellipsoid(self, center, half, material, yaw=0.0, lean=0.0, tip=0.0):
        return self.add(Ellipsoid(center, half, material, turn(yaw, lean, tip)))

    def cylinder(self, center, radius, half_height, material, taper=1.0, yaw=0.0, lean=0.0, tip=0.0):
        half = (radius, half_height, radius)
        return self.add(Cylinder(center, half, material, turn(yaw, lean, tip), taper=taper))

    def card(self, base, width, height, outline, material, relief=0.0, yaw=None):
        yaw = self.rng.normal(0, 12) if yaw is None else yaw
        return self.add(Card(base, width, height, outline, material, yaw, relief))

    def photo_card(self, kind, base, height, may_be_cut=False):
        """A photograph's cut-out of this class; False if the library has none."""
        fitting = [one for one in self.library.cut_outs.get(kind, ()) if may_be_cut or not one.is_cut]
        if not fitting:
            return False
        cut_out = self.pick(fitting)
        width = height * cut_out.aspect
        material = Material((1.0, 1.0, 1.0), cut_out.number, 0.0, width)
        self.card(base, width, height, cut_out.outline, material, relief=0.12 * min(width, height))
        return True

    def limb(self, start, end, radius, material):
        """A long ellipsoid from one point to another."""
        start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
        way = end - start
        length = np.sqrt((way * way).sum()) + 1e-6
        y = way / length
        x = np.cross(y, [0.31, 0.2, 0.93])
        x /= np.sqrt((x * x).sum()) + 1e-9
        rotation = np.stack([x, y, np.cross(x, y)], 1).astype(np.float32)
        half = (radius, length / 2 + radius * 0.6, radius)
        return self.add(Ellipsoid((start + end) / 2, half, material, rotation))

    # Light and air

    def sunlight(self):
        azimuth, height = self.uniform(0, 2 * np.pi), self.uniform(0.25, 1.4)
        direction = np.array([np.cos(azimuth) * np.cos(height), np.sin(height), np.sin(azimuth) * np.cos(height)])
        overcast = self.chance(0.35)
        ambient = self.uniform(0.6, 0.9) if overcast else self.uniform(0.25, 0.5)
        strength = self.uniform(0, 0.3) if overcast else self.uniform(0.5, 1.0)
        self.scene.light = Light(direction * 2000, ambient, strength, casts=not overcast)
        draw = self.rng.random()
        horizon = np.clip(self.uniform(0.6, 1) + self.rng.normal(0, 0.06, 3), 0, 1)
        if draw < 0.45:
            zenith = np.array([0.25, 0.45, 0.8]) * self.uniform(0.7, 1.2)
        elif draw < 0.8:
            zenith = horizon * self.uniform(0.7, 1.05)
        else:
            zenith = self.rng.uniform(0.05, 1, 3)
        clouds = self.pick(self.library.clouds) if self.chance(0.6) else None
        self.scene.sky = Sky(horizon, zenith, clouds, self.uniform(0.2, 0.8), self.log_uniform(0.3, 2))
        self.scene.fog_color = horizon.astype(np.float32)
        if self.chance(0.45):
            self.scene.fog = self.log_uniform(0.0008, 0.02)

    def lamplight(self, low, high):
        """A lamp or window somewhere in the box low..high."""
        position = self.rng.uniform(low, high)
        reach = max(high[0] - low[0], high[2] - low[2]) * self.uniform(0.3, 1.2)
        self.scene.light = Light(position, self.uniform(0.3, 0.75), self.uniform(0.3, 1.0), reach, self.chance(0.7))
