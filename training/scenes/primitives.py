"""What scenes are made of. Each primitive answers where rays meet it, and what its surface is like there.

Solids are unit bodies in a space of their own: one matrix takes rays there, and t stays what it was.
"""

import numpy as np

from training.scenes import REST

MISS = np.float32(np.inf)
NEAR = np.float32(0.01)
FAR = np.float32(4000)
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)


def turn(yaw=0.0, lean=0.0, tip=0.0):
    """world_from_local: tipped about z, leaned about x, then turned about the vertical; degrees."""
    w, p, r = np.radians([yaw, lean, tip])
    about_y = np.array([[np.cos(w), 0, np.sin(w)], [0, 1, 0], [-np.sin(w), 0, np.cos(w)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (about_y @ about_x @ about_z).astype(np.float32)


class Solid:
    """A unit body scaled by `half`, rotated and moved to `center`. `materials`: one, or one for each face."""

    def __init__(self, center, half, material, rotation=None, kind=REST, instance=0):
        self.center = np.asarray(center, np.float32)
        self.half = np.broadcast_to(np.asarray(half, np.float32), 3)
        self.rotation = np.eye(3, dtype=np.float32) if rotation is None else rotation
        self.materials = material if isinstance(material, (list, tuple)) else (material,)
        self.kind, self.instance = kind, instance
        self.into = self.rotation.T / self.half[:, None]

    def corners(self):
        return (CORNERS * self.half) @ self.rotation.T + self.center

    def localise(self, origin, directions):
        return self.into @ (origin - self.center)[:, None] if origin.ndim == 1 else self.into @ (
            origin - self.center[:, None]
        ), self.into @ directions

    def hit(self, origin, directions):
        """t per ray, MISS where it passes. `origin`: one point, or 3 x N."""
        return self.hit_unit(*self.localise(origin, directions))

    def surface(self, origin, directions, t):
        """Texture coordinates in metres (2 x N), normals (3 x N) and the number of the material's face."""
        start, step = self.localise(origin, directions)
        uv, normal, face = self.surface_unit(start + step * t)
        normal = self.into.T @ normal
        return uv, normal / (np.sqrt((normal * normal).sum(0)) + 1e-12), face


class Box(Solid):
    """Faces: 0, 1 at -x, +x; 2, 3 at -y, +y; 4, 5 at -z, +z."""

    def slabs(self, start, step):
        inverse = 1 / np.where(np.abs(step) < 1e-9, np.float32(1e-9), step)
        middle, width = -start * inverse, np.abs(inverse)
        return (middle - width).max(0), (middle + width).min(0)

    def hit_unit(self, start, step):
        enter, leave = self.slabs(start, step)
        return np.where((enter < leave) & (enter > NEAR), enter, MISS)

    def surface_unit(self, point):
        axis = np.abs(point).argmax(0)
        rows = np.arange(len(axis))
        side = np.sign(point[axis, rows])
        normal = np.zeros_like(point)
        normal[axis, rows] = side
        scaled = point * self.half[:, None]
        uv = np.stack([np.where(axis == 0, scaled[2], scaled[0]), np.where(axis == 1, scaled[2], scaled[1])])
        return uv, normal, axis * 2 + (side > 0)


class Shell(Box):
    """A box seen from inside: a room. Its faces look inwards."""

    def hit_unit(self, start, step):
        enter, leave = self.slabs(start, step)
        return np.where((enter < leave) & (leave > NEAR), leave, MISS)

    def surface_unit(self, point):
        uv, normal, face = super().surface_unit(point)
        return uv, -normal, face


class Ellipsoid(Solid):
    def hit_unit(self, start, step):
        a = (step * step).sum(0)
        b = (step * start).sum(0)
        c = (start * start).sum(0) - 1
        root = b * b - a * c
        t = (-b - np.sqrt(np.maximum(root, 0))) / a
        return np.where((root > 0) & (t > NEAR), t, MISS)

    def surface_unit(self, point):
        around = np.arctan2(point[0], -point[2]) * max(self.half[0], self.half[2])
        return np.stack([around, point[1] * self.half[1] * 1.3]), point, np.zeros(point.shape[1], np.int64)


class Cylinder(Solid):
    """Upright in its own space. `taper`: the radius at the top over that at the bottom. Faces: 0 side, 1 caps."""

    def __init__(self, *arguments, taper=1.0, **named):
        super().__init__(*arguments, **named)
        self.slope, self.middle = (taper - 1) / 2, (taper + 1) / 2

    def hit_unit(self, start, step):
        radius, growth = self.middle + self.slope * start[1], self.slope * step[1]
        a = step[0] ** 2 + step[2] ** 2 - growth**2
        b = step[0] * start[0] + step[2] * start[2] - growth * radius
        c = start[0] ** 2 + start[2] ** 2 - radius**2
        root = b * b - a * c
        a = np.where(np.abs(a) < 1e-9, np.float32(1e-9), a)
        t = (-b - np.sqrt(np.maximum(root, 0))) / a
        side = np.where((root > 0) & (t > NEAR) & (np.abs(start[1] + step[1] * t) <= 1), t, MISS)
        dy = np.where(np.abs(step[1]) < 1e-9, np.float32(1e-9), step[1])
        level = np.sign(start[1])
        cap = (level - start[1]) / dy
        x, z = start[0] + step[0] * cap, start[2] + step[2] * cap
        inside = x * x + z * z <= (self.middle + self.slope * level) ** 2
        cap = np.where(inside & (cap > NEAR) & (np.abs(start[1]) > 1), cap, MISS)
        return np.minimum(side, cap)

    def surface_unit(self, point):
        lid = np.abs(point[1]) > 0.9995
        normal = np.stack(
            [np.where(lid, 0, point[0]), np.where(lid, np.sign(point[1]), 0), np.where(lid, 0, point[2])]
        )
        around = np.arctan2(point[0], -point[2]) * self.half[0]
        uv = np.stack(
            [
                np.where(lid, point[0] * self.half[0], around),
                np.where(lid, point[2] * self.half[2], point[1] * self.half[1]),
            ]
        )
        return uv, normal, lid.astype(np.int64)


class Ground:
    """The endless plane y = level."""

    def __init__(self, material, level=0.0, kind=REST, instance=0):
        self.materials, self.level, self.kind, self.instance = (material,), level, kind, instance

    def corners(self):
        return CORNERS * FAR

    def hit(self, origin, directions):
        dy = np.where(np.abs(directions[1]) < 1e-9, np.float32(1e-9), directions[1])
        t = (self.level - origin[1]) / dy
        return np.where((t > NEAR) & (t < FAR), t, MISS)

    def surface(self, origin, directions, t):
        point = (origin[:, None] if origin.ndim == 1 else origin) + directions * t
        normal = np.zeros_like(point)
        normal[1] = 1
        return point[[0, 2]], normal, np.zeros(point.shape[1], np.int64)


class Card:
    """An upright cut-out with relief: people, trees, animals, hills, from outlines or real photographs.

    `outline`: an Outline. `base`: the middle of its lower edge. It faces its yaw and bulges by `relief` metres.
    """

    def __init__(self, base, width, height, outline, material, yaw=0.0, relief=0.0, kind=REST, instance=0):
        self.base = np.asarray(base, np.float32)
        self.width, self.height, self.outline, self.relief = width, height, outline, relief
        self.materials = material if isinstance(material, (list, tuple)) else (material,)
        self.kind, self.instance = kind, instance
        w = np.radians(yaw)
        self.across = np.array([np.cos(w), 0, -np.sin(w)], np.float32)
        self.front = np.array([-np.sin(w), 0, -np.cos(w)], np.float32)

    def corners(self):
        half = self.across * self.width / 2
        up = np.array([0, self.height, 0], np.float32)
        flat = np.stack([self.base - half, self.base + half, self.base - half + up, self.base + half + up])
        return np.concatenate([flat, flat + self.front * self.relief])

    def meet(self, origin, directions):
        """t of the card's plane and the cell of the outline that the ray passes, -1 outside."""
        start = (origin - self.base)[:, None] if origin.ndim == 1 else origin - self.base[:, None]
        facing = self.front @ directions
        t = -(self.front @ start) / np.where(np.abs(facing) < 1e-6, np.float32(1e-6), facing)
        u = (self.across @ start + self.across @ directions * t) / self.width + 0.5
        v = 1 - (start[1] + directions[1] * t) / self.height
        rows, columns = self.outline.mask.shape
        inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
        cell = np.where(
            inside,
            (v * rows).astype(np.int64).clip(0, rows - 1) * columns
            + (u * columns).astype(np.int64).clip(0, columns - 1),
            -1,
        )
        return t, u, v, cell, facing

    def hit(self, origin, directions):
        t, _, _, cell, facing = self.meet(origin, directions)
        solid = (cell >= 0) & self.outline.mask.ravel()[cell] & (t > NEAR)
        raised = self.relief * self.outline.relief.ravel()[cell] / np.maximum(np.abs(facing), 0.3)
        return np.where(solid, np.maximum(t - raised, NEAR), MISS)

    def surface(self, origin, directions, t):
        _, u, v, cell, _ = self.meet(origin, directions)
        slope_x = self.outline.slope_x.ravel()[cell] * (self.relief / self.width)
        slope_y = self.outline.slope_y.ravel()[cell] * (self.relief / self.height)
        normal = self.front[:, None] - self.across[:, None] * slope_x
        normal[1] += slope_y
        if self.outline.is_pinned:
            uv = np.stack([u, v]) * self.width
        else:
            uv = np.stack([(u - 0.5) * self.width, (1 - v) * self.height])
        face = self.outline.parts.ravel()[cell] % len(self.materials)
        return uv, normal / np.sqrt((normal * normal).sum(0)), face
