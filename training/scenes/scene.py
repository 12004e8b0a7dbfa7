"""What a scene holds beside its primitives: light, sky and fog."""

from dataclasses import dataclass

import numpy as np

NO_TEXTURE = -1


@dataclass
class Material:
    """A texture tinted with a colour by `mix`; `scale` metres for one tile of it; `glow` is light of its own."""

    color: tuple
    texture: int = NO_TEXTURE
    mix: float = 1.0
    scale: float = 1.0
    offset: tuple = (0.0, 0.0)
    gloss: float = 0.0
    glow: float = 0.0


class Light:
    """Light from everywhere, a little more from above, and from one point: the sun, a window or a lamp."""

    def __init__(self, position, ambient, strength, reach=None, casts=True):
        """`reach`: metres at which the point light has fallen to a half; None = it does not fall."""
        self.position = np.asarray(position, np.float32)
        self.ambient, self.strength, self.reach, self.casts = ambient, strength, reach, casts

    def toward(self, points):
        way = self.position[:, None] - points
        distance = np.sqrt((way * way).sum(0))
        return way / distance, distance

    def at(self, points, normals, view, lit):
        """Diffuse light and highlight per point; `view` points away from the camera."""
        toward, distance = self.toward(points)
        direct = self.strength * lit
        if self.reach:
            direct = direct / (0.5 + 0.5 * (distance / self.reach) ** 2)
        diffuse = np.maximum((normals * toward).sum(0), 0) * direct
        half = toward - view
        half /= np.sqrt((half * half).sum(0)) + 1e-6
        highlight = np.maximum((normals * half).sum(0), 0) ** 32 * direct
        return self.ambient * (0.8 + 0.2 * normals[1]) + diffuse, highlight


class Sky:
    """From the horizon's colour to the zenith's, with clouds of one drawn noise."""

    def __init__(self, horizon, zenith, clouds=None, amount=0.0, scale=1.0):
        self.horizon, self.zenith = np.asarray(horizon, np.float32), np.asarray(zenith, np.float32)
        self.clouds, self.amount, self.scale = clouds, amount, scale

    def color(self, directions):
        up = directions[1] / np.sqrt((directions * directions).sum(0))
        height = np.clip(up * 1.6, 0, 1)[:, None]
        color = self.horizon * (1 - height) + self.zenith * height
        if self.clouds is not None:
            far = 1 / np.maximum(up, 0.04)
            side = len(self.clouds)
            cell = [(np.abs(directions[axis]) * far * 40 * self.scale).astype(np.int64) % side for axis in (0, 2)]
            cover = np.clip((self.clouds[cell[0], cell[1]] - 1 + self.amount) * 3, 0, 1)[:, None]
            color = color * (1 - cover) + cover * 0.95
        return color.astype(np.float32)


class Scene:
    def __init__(self, atlas):
        self.atlas = atlas
        self.primitives = []
        self.light = Light((50, 100, -50), 0.5, 0.6)
        self.sky = Sky((0.8, 0.85, 0.9), (0.4, 0.6, 0.9))
        self.fog, self.fog_color = 0.0, np.array([0.8, 0.85, 0.9], np.float32)
        self.focus_blur = False

    def sky_color(self, directions):
        return self.sky.color(directions)
