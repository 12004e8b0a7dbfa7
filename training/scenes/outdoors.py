"""What stands in streets and in nature."""

import numpy as np

from training.scenes import VEHICLE
from training.scenes.builder import GREEN, WOOD
from training.scenes.furniture import ahead


def car(build, x, z, yaw=None):
    """A car, van, bus or lorry."""
    build.begin(VEHICLE)
    uniform = build.uniform
    yaw = build.pick([0, 90]) + build.rng.normal(0, 8) if yaw is None else yaw
    right, forward = ahead(yaw)
    at = np.array([x, 0, z])
    paint = build.material(0.1, 3, build.rng.uniform(0.03, 1, 3), mix=0.95, gloss=0.5)
    glass, black = build.plain((0.1, 0.12, 0.15), 0.7), build.plain((0.05, 0.05, 0.05))
    if build.chance(0.2) and build.photo_card(VEHICLE, at, uniform(1.2, 2.2)):
        build.end()
        return
    if build.chance(0.2):
        half = np.array([uniform(0.95, 1.25), uniform(1.0, 1.5), uniform(2.3, 5)])
        build.box(at + [0, half[1] + 0.35, 0], half, paint, yaw)
        build.box(at + [0, half[1] * 1.35 + 0.3, 0], half * [1.01, 0.3, 0.97], glass, yaw)
    else:
        half = np.array([uniform(0.78, 0.92), uniform(0.28, 0.38), uniform(1.7, 2.3)])
        cabin = uniform(0.22, 0.32)
        build.box(at + [0, half[1] + 0.28, 0], half, paint, yaw)
        middle = at + forward * uniform(-0.4, 0.1) + [0, 2 * half[1] + 0.28, 0]
        build.cylinder(middle + [0, cabin, 0], half[0] * 1.25, cabin, glass, taper=0.8, yaw=yaw + 45)
        build.box(middle + [0, cabin, 0], half * [0.88, 0, 0.5] + [0, cabin, 0], glass, yaw)
        build.box(middle + [0, 2 * cabin, 0], half * [0.82, 0, 0.45] + [0, 0.03, 0], paint, yaw)
    wheel = uniform(0.28, 0.36)
    for side in (-1, 1):
        for end in (-0.62, 0.62):
            build.cylinder(
                at + right * side * half[0] * 0.92 + forward * end * half[2] + [0, wheel, 0],
                wheel,
                0.12,
                black,
                yaw=yaw,
                tip=90,
            )
        build.ellipsoid(
            at - forward * half[2] + right * side * half[0] * 0.75 + [0, half[1] + 0.35, 0],
            0.1,
            build.plain((0.9, 0.9, 0.8)),
        )
    build.end()


def tree(build, x, z, ground=0.0, height=None):
    height = height or build.log_uniform(2.5, 14)
    build.begin()
    at = np.array([x, ground, z])
    crown = build.material(0.8, height * 0.5, GREEN * build.rng.uniform(0.6, 1.6, 3))
    bark = build.material(0.3, 1, WOOD * build.uniform(0.4, 1.3))
    if build.chance(0.65):
        build.card(
            at,
            height * build.uniform(0.55, 1.1),
            height,
            build.pick(build.library.outlines["tree"]),
            [crown, bark],
            relief=height * 0.08,
        )
    else:
        trunk = height * build.uniform(0.2, 0.45)
        build.cylinder(at + [0, trunk, 0], height * build.uniform(0.015, 0.04), trunk, bark, taper=0.7)
        for _ in range(build.count(2, 7)):
            radius = height * build.rng.uniform(0.1, 0.26, 3)
            offset = build.rng.normal(0, 0.13, 3) * height * [1, 0.8, 1]
            build.ellipsoid(at + [0, height * 0.72, 0] + offset, radius, crown)
    build.end()


def bush(build, x, z, ground=0.0):
    build.begin()
    height = build.uniform(0.3, 1.8)
    leaves = build.material(0.8, height, GREEN * build.rng.uniform(0.6, 1.6, 3))
    build.card(
        (x, ground, z),
        height * build.uniform(1, 2),
        height,
        build.pick(build.library.outlines["bush"]),
        leaves,
        relief=height * 0.2,
    )
    build.end()


def rock(build, x, z):
    build.begin()
    radius = build.log_uniform(0.15, 2.0)
    for _ in range(build.count(1, 3)):
        build.ellipsoid(
            (x + build.rng.normal(0, radius * 0.5), radius * 0.2, z + build.rng.normal(0, radius * 0.5)),
            radius * build.rng.uniform(0.5, 1.2, 3),
            build.material(0.7, 1.5),
            build.uniform(0, 360),
            build.uniform(-30, 30),
        )
    build.end()


def pole(build, x, z):
    """A lamp post, a sign or a bollard."""
    build.begin()
    height, metal = build.pick([0.9, 2.6, 4.5, 7]) * build.uniform(0.8, 1.2), build.material(0.1, 1)
    build.cylinder((x, height / 2, z), build.uniform(0.03, 0.12), height / 2, metal)
    if height > 2 and build.chance(0.6):
        build.box(
            (x, height * 0.93, z - 0.1),
            (build.uniform(0.1, 0.5), build.uniform(0.1, 0.4), 0.02),
            build.material(0.5, 0.6),
        )
    build.end()


def fence(build, x0, x1, z):
    build.begin()
    height, step, stuff = build.uniform(0.6, 1.5), build.uniform(0.15, 1.2), build.material(0.2, 1)
    for k in range(min(int((x1 - x0) / step) + 1, 16)):
        build.box((x0 + k * step, height / 2, z), (0.04, height / 2, 0.04), stuff)
    length = min(int((x1 - x0) / step), 15) * step / 2
    for y in (0.35, 0.85):
        build.box((x0 + length, height * y, z), (length, 0.05, 0.02), stuff)
    build.end()


def building(build, x, z, half, height, yaw=0.0):
    build.begin()
    wall = build.material(0.55, build.uniform(3, 9))
    build.box(
        (x, height / 2, z),
        (half[0], height / 2, half[1]),
        [wall, wall, wall, build.material(0.2, 4), wall, wall],
        yaw,
    )
    if build.chance(0.4):
        build.box(
            (x, height, z), (half[0] * 0.72, half[0] * 0.72, half[1] * 1.02), build.material(0.3, 2), yaw, tip=45
        )
    if build.chance(0.5):
        right, forward = ahead(yaw)
        for k in range(build.count(1, 6)):
            spot = (
                np.array([x, build.uniform(0.1, 0.9) * height, z])
                - forward * half[1]
                + right * build.uniform(-0.9, 0.9) * half[0]
            )
            build.box(
                spot,
                (build.uniform(0.5, 2), build.uniform(0.1, 0.6), build.uniform(0.1, 0.8)),
                build.material(0.3, 2),
                yaw,
            )
    build.end()


def ridge(build, z, height):
    """Far hills across the whole view."""
    stuff = build.material(0.75, height * 2, GREEN * build.rng.uniform(0.6, 1.8, 3) if build.chance(0.5) else None)
    build.card(
        (build.uniform(-0.2, 0.2) * z, -0.05 * height, z),
        z * build.uniform(3, 6),
        height,
        build.pick(build.library.outlines["ridge"]),
        stuff,
        yaw=build.rng.normal(0, 8),
    )


def hill(build, x, z, width, height):
    build.ellipsoid(
        (x, -height * 0.3, z), (width, height * 1.3, width * build.uniform(0.6, 1.4)), build.material(0.7, 6)
    )
