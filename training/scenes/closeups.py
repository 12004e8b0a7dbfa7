"""Layouts: tables, desks, packed shelves, clutter, walls close by."""

import numpy as np

from training.scenes.builder import SKIN
from training.scenes.camera import Camera
from training.scenes.furniture import chair, monitor, open_box, shelf, table, thing, wall_picture
from training.scenes.people import head, person
from training.scenes.primitives import Ground


def look_at_table(build, distance, pitch, target_height):
    """A camera that sees the point (0, target_height, 0) in its middle."""
    p = np.radians(pitch)
    position = (0, target_height + distance * np.sin(p), -distance * np.cos(p))
    build.camera = Camera(build.width, build.height, build.uniform(28, 68), position, pitch, 0.0, build.roll())


def tabletop(build):
    """Things on a table or floor, the camera from just above to almost straight down."""
    distance = build.log_uniform(0.5, 2.2)
    look_at_table(
        build,
        distance,
        build.uniform(8, 75) if build.chance(0.75) else build.uniform(2, 18),
        build.uniform(0, 0.15),
    )
    spread = distance * build.uniform(0.25, 0.75)
    size = build.uniform(0.06, 0.25) * distance**0.7
    for _ in range(build.count(1, 24)):
        x, z = build.rng.normal(0, spread), build.rng.normal(0, spread * 0.8)
        if z > build.camera.position[2] * 0.7:
            thing(build, x, z, 0, size * np.exp(build.rng.normal(0, 0.5)))
    top = build.material(0.35, distance * build.uniform(0.3, 2))
    if build.chance(0.45):
        half = build.uniform(0.4, 1.2) * distance, build.uniform(0.35, 0.9) * distance
        build.begin()
        build.box(
            (0, -0.03, 0), (half[0], 0.03, half[1]), top, build.rng.normal(0, 25) if build.chance(0.6) else 0.0
        )
        build.end()
        build.add(Ground(build.material(0.4, 2), -build.uniform(0.4, 0.9)))
    else:
        build.add(Ground(top))
    backdrop(build, distance)
    build.scene.focus_blur = build.chance(0.35)


def tote(build):
    """Looking into an open box that fills the view."""
    half = np.array([build.uniform(0.2, 0.4), build.uniform(0.06, 0.2), build.uniform(0.2, 0.45)])
    distance = half.max() * build.uniform(1.3, 4)
    look_at_table(build, distance, build.uniform(25, 88), half[1])
    open_box(
        build,
        np.array([build.rng.normal(0, 0.05), 0.01, 0]),
        half,
        build.rng.normal(0, 12),
        count=build.count(0, 12),
    )
    for _ in range(build.count(0, 6)):
        side = build.pick([-1, 1])
        thing(
            build,
            side * half[0] * build.uniform(1.2, 2.5),
            build.rng.normal(0, half[2]),
            0,
            build.uniform(0.05, 0.3),
        )
    build.add(Ground(build.material(0.4, 1), -build.uniform(0, 0.7)))
    backdrop(build, distance * 2)


def backdrop(build, distance):
    """A wall behind, one at a side, a person at the table, or a room's far end."""
    if build.chance(0.7):
        z = distance * build.log_uniform(0.3, 3)
        build.box((0, 2, z), (8, 6, 0.05), build.material(0.4, distance * 2), build.rng.normal(0, 12))
        if build.chance(0.4):
            wall_picture(
                build,
                (build.uniform(-1, 1) * z, build.uniform(0.2, 0.8), z - 0.1),
                (0.3 * distance, 0.25 * distance),
                0.0,
            )
    if build.chance(0.35):
        side = build.pick([-1, 1])
        build.box(
            (side * distance * build.uniform(0.4, 1.6), 2, 0),
            (0.05, 6, 8),
            build.material(0.4, distance * 2),
            build.rng.normal(0, 12),
        )
    if build.chance(0.2):
        person(
            build,
            build.rng.normal(0, 0.5),
            build.uniform(0.4, 1.6) * distance,
            -0.5,
            sitting=True,
            yaw=180 + build.rng.normal(0, 30),
        )
    build.lamplight((-2, 0.8, -1.5), (2, 2.5, 2))
    build.scene.light.reach = build.uniform(1.5, 5)


def packed_shelf(build):
    """A shelf, cupboard or open fridge that fills the view, things sometimes in front of it."""
    distance = build.log_uniform(0.5, 2.2)
    yaw = build.rng.normal(0, 20)
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(40, 75),
        (0, build.uniform(0.6, 1.6), 0),
        build.rng.normal(2, 10),
        0.0,
        build.roll(),
    )
    depth = build.uniform(0.15, 0.3)
    for k in range(build.count(1, 2)):
        shelf(
            build,
            (k * build.pick([-1, 1]) * 2.1, 0, distance + depth),
            yaw,
            build.uniform(1.6, 2.4),
            1.0,
            depth,
            fill=build.uniform(0.5, 1),
        )
    build.add(Ground(build.material(0.4, 1)))
    build.box((0, 2, distance + 3 * depth + build.uniform(0, 1)), (8, 4, 0.05), build.material(0.3, 2), yaw)
    if build.chance(0.5):
        table(build, build.uniform(-0.5, 0.5), distance * 0.6, load=5, height=build.uniform(0.5, 0.8))
    if build.chance(0.3):
        person(build, build.uniform(-0.5, 0.5), distance * build.uniform(0.5, 0.9))
    build.lamplight((-2, 1.5, -1), (2, 2.6, distance * 0.8))


def desk(build):
    """Sitting at or standing before a desk against a wall."""
    half = build.uniform(0.5, 1.3), build.uniform(0.3, 0.5)
    height, distance = 0.74, build.uniform(0.4, 1.3)
    yaw = build.rng.normal(0, 25)
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(45, 72),
        (build.rng.normal(0, 0.3), height + build.uniform(0.15, 0.9), -distance),
        build.uniform(0, 45),
        0.0,
        build.roll(),
    )
    table(build, 0, half[1], load=0, yaw=yaw, half=half, height=height)
    right, forward = (
        np.array([np.cos(np.radians(yaw)), 0, -np.sin(np.radians(yaw))]),
        np.array([np.sin(np.radians(yaw)), 0, np.cos(np.radians(yaw))]),
    )
    for _ in range(build.count(3, 16)):
        spot = (
            np.array([0, 0, half[1]])
            + right * build.uniform(-0.9, 0.9) * half[0]
            + forward * build.uniform(-0.85, 0.85) * half[1]
        )
        if build.chance(0.2):
            monitor(build, spot[0], spot[2], height + 0.02, yaw + build.rng.normal(0, 25))
        else:
            thing(build, spot[0], spot[2], height + 0.02, build.log_uniform(0.04, 0.3))
    wall = forward * (half[1] + 0.05 + (0 if build.chance(0.6) else build.uniform(0, 3)))
    build.box(wall + [0, 1, half[1]], (6, 3, 0.02), build.material(0.2, 2), yaw)
    for _ in range(build.count(0, 4)):
        wall_picture(
            build,
            wall + [0, build.uniform(1, 1.8), half[1] - 0.03] + right * build.uniform(-1.2, 1.2),
            (build.uniform(0.1, 0.4), build.uniform(0.1, 0.3)),
            yaw,
        )
    build.add(Ground(build.material(0.4, 1)))
    if build.chance(0.3):
        chair(build, build.rng.normal(0, 0.4), -distance * 0.3, occupied=0.3)
    build.lamplight((-1.5, 1, -1), (1.5, 2.5, 1))


def clutter(build):
    """Things everywhere at every height and distance, round ones far away too: no rule but occlusion helps."""
    build.camera = Camera(
        build.width, build.height, build.uniform(35, 75), (0, 1.4, 0), build.rng.normal(0, 8), 0.0, build.roll()
    )
    back = build.uniform(4, 18)
    build.box((0, 0, back), (40, 40, 0.05), build.material(0.8, 6), build.rng.normal(0, 15))
    for _ in range(build.count(4, 24)):
        z = build.log_uniform(0.7, back * 0.95)
        spot = build.camera.point(build.uniform(0, 1), build.uniform(0, 1), z)
        if build.chance(0.15):
            head(
                build,
                spot,
                z * build.uniform(0.8, 3),
                build.uniform(0, 360),
                build.plain(SKIN * build.uniform(0.3, 1.1)),
            )
        else:
            thing(build, spot[0], spot[2], spot[1] - 0.2 * z, z * build.uniform(0.08, 0.5))
    if build.chance(0.4):
        build.add(Ground(build.material(0.4, 2)))
    build.sunlight()


def wall(build):
    """A wall, facade or panel close by, straight or at an angle, with flat and thick things on it."""
    distance, yaw = build.log_uniform(0.8, 6), build.rng.normal(0, 35)
    build.camera = Camera(
        build.width, build.height, build.uniform(38, 78), (0, 1.5, 0), build.rng.normal(0, 12), 0.0, build.roll()
    )
    right = np.array([np.cos(np.radians(yaw)), 0, -np.sin(np.radians(yaw))])
    front = np.array([np.sin(np.radians(yaw)), 0, np.cos(np.radians(yaw))])
    middle = np.array([0, 1.5, distance])
    build.box(middle + front * 0.05, (40, 12, 0.05), build.material(0.45, distance), yaw)
    for _ in range(build.count(0, 12)):
        spot = middle + right * build.uniform(-1.5, 1.5) * distance + [0, build.uniform(-0.5, 0.5) * distance, 0]
        half = build.uniform(0.04, 0.25) * distance, build.uniform(0.04, 0.2) * distance
        if build.chance(0.6):
            wall_picture(build, spot, half, yaw)
        else:
            build.begin()
            build.box(spot, (*half, build.uniform(0.01, 0.1) * distance), build.material(0.4, distance * 0.3), yaw)
            build.end()
    for _ in range(build.count(0, 4)):
        z = distance * build.uniform(0.4, 0.9)
        spot = build.camera.point(build.uniform(0, 1), 0.5, z)
        (person if build.chance(0.6) else lambda b, x, z: thing(b, x, z, 0, b.uniform(0.3, 1.2)))(
            build, spot[0], spot[2]
        )
    build.add(Ground(build.material(0.5, 2)))
    build.sunlight()
