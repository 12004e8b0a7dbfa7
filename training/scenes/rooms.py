"""Layouts: whole rooms and corridors."""

import numpy as np

from training.scenes.camera import Camera
from training.scenes.furniture import (
    cabinet,
    chair,
    plant,
    shelf,
    sofa,
    table,
    thing,
    wall_picture,
)
from training.scenes.people import animal, person
from training.scenes.primitives import Shell


def shell(build, half_width, depth, height, back):
    """The room's six faces: -x, +x, floor, ceiling, behind, front."""
    if build.chance(0.45):
        wall = build.plain(build.uniform(0.5, 1) * (1 + build.rng.normal(0, 0.06, 3)))
    else:
        wall = build.material(0.15, build.uniform(1, 4)) if build.chance(0.6) else build.plain()
    ceiling = build.plain(np.full(3, build.uniform(0.6, 1))) if build.chance(0.7) else build.material(0.1, 2)
    faces = [
        wall,
        wall if build.chance(0.7) else build.material(0.3, 2),
        build.material(0.35, build.uniform(0.5, 3)),
        ceiling,
        wall,
        wall if build.chance(0.6) else build.material(0.3, 2),
    ]
    center = (0, height / 2, (depth - back) / 2)
    return build.add(Shell(center, (half_width, height / 2, (depth + back) / 2), faces))


def room(build):
    half_width, depth = build.log_uniform(1.1, 4.5), build.log_uniform(1.6, 9)
    height, back = build.uniform(2.2, 3.5), build.uniform(0.4, 2.5)
    eye = build.uniform(0.5, 1.9)
    x0 = build.uniform(-0.75, 0.75) * half_width
    pitch = build.rng.normal(8, 11)
    yaw = build.rng.normal(-np.sign(x0) * 15, 28) if build.chance(0.75) else 0.0
    build.camera = Camera(build.width, build.height, build.uniform(45, 85), (x0, eye, 0), pitch, yaw, build.roll())
    shell(build, half_width, depth, height, back)
    build.lamplight((-half_width, 0.8, 0.3), (half_width, height - 0.1, depth))
    if build.chance(0.25):
        partition(build, half_width, depth, height)
    if build.chance(0.5):
        skirting(build, half_width, depth)
    if build.chance(0.4):
        build.box(
            (build.uniform(-0.5, 0.5) * half_width, 0.005, depth * build.uniform(0.3, 0.7)),
            (half_width * build.uniform(0.2, 0.6), 0.008, depth * build.uniform(0.1, 0.3)),
            build.material(0.5, 2),
            build.rng.normal(0, 10),
        )
    if build.chance(0.2):
        kitchen(build, half_width, depth)
    for _ in range(build.count(0, 7)):
        hang(build, half_width, depth, height)
    for _ in range(build.count(2, 13)):
        x, z = build.uniform(-half_width + 0.3, half_width - 0.3), build.uniform(0.5, max(depth - 0.3, 0.6))
        if (x - x0) ** 2 + z**2 > 0.5:
            furnish(build, x, z, half_width, depth)


def furnished(build):
    """A room as people set it up: furniture along the walls and square to them, a table with chairs, a carpet."""
    half_width, depth = build.log_uniform(1.3, 3.6), build.log_uniform(2.2, 7)
    height, back = build.uniform(2.3, 3.0), build.uniform(0.3, 2.0)
    x0 = build.uniform(-0.8, 0.8) * half_width
    yaw = build.rng.normal(-np.sign(x0) * 20, 22)
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(48, 80),
        (x0, build.uniform(0.9, 1.75), -back * build.uniform(0, 0.7)),
        build.rng.normal(10, 9),
        yaw,
        build.roll(),
    )
    shell(build, half_width, depth, height, back)
    build.lamplight((-half_width, 0.8, 0.3), (half_width, height - 0.1, depth))
    if build.chance(0.5):
        skirting(build, half_width, depth)
    for side, length in ((0, 2 * half_width), (-1, depth), (1, depth)):
        if build.chance(0.9):
            line_wall(build, side, length, half_width, depth, height)
    if build.chance(0.6):
        dining(build, build.uniform(-0.4, 0.4) * half_width, depth * build.uniform(0.3, 0.6))
    if build.chance(0.3):
        person(build, build.uniform(-0.7, 0.7) * half_width, depth * build.uniform(0.35, 0.9))
    for _ in range(build.count(1, 6)):
        hang(build, half_width, depth, height)


def line_wall(build, side, length, half_width, depth, height):
    """One piece after another along a wall: 0 the far one, -1 and 1 those at the sides."""
    along = build.uniform(0.1, 0.8)
    while along < length - 0.3:
        size = build.uniform(0.35, 1.0)
        middle = along + size
        if middle + size > length + 0.3:
            break
        reach = build.uniform(0.2, 0.35)
        if side:
            x, z, yaw = side * (half_width - reach - 0.02), middle, 90.0 * side
        else:
            x, z, yaw = middle - half_width, depth - reach - 0.02, 0.0
        draw = build.rng.random()
        if draw < 0.22:
            cabinet(build, x, z, yaw)
        elif draw < 0.42:
            shelf(build, (x, 0, z), yaw, build.uniform(0.7, 2.2), size, reach)
        elif draw < 0.6:
            away = 0.45 - reach
            sofa(build, x - side * away, z - (0 if side else away), yaw + 180)
        elif draw < 0.78:
            table(build, x, z, load=8, yaw=yaw, half=(size, reach))
            if build.chance(0.5):
                away = reach + 0.35
                chair(build, x - side * away, z - (0 if side else away), yaw + build.rng.normal(0, 15))
        elif draw < 0.86:
            build.begin()
            plant(build, np.array([x, 0, z]), build.uniform(0.5, 1.7))
            build.end()
        elif draw < 0.93:
            thing(build, x, z, 0, build.uniform(0.3, 1.0))
        along = middle + size + (build.uniform(0, 0.15) if build.chance(0.6) else build.uniform(0.3, 1.2))


def dining(build, x, z):
    """A table with chairs round it, some pushed away."""
    yaw = build.pick([0.0, 90.0]) + build.rng.normal(0, 6)
    half = build.uniform(0.35, 0.9), build.uniform(0.3, 0.5)
    table(build, x, z, load=8, yaw=yaw, half=half)
    for turn in (0, 90, 180, 270):
        if build.chance(0.6):
            w = np.radians(yaw + turn)
            away = half[0 if turn % 180 else 1] + build.uniform(0.1, 0.5)
            chair(build, x - np.sin(w) * away, z - np.cos(w) * away, yaw + turn + build.rng.normal(0, 12))


def skirting(build, half_width, depth):
    board = build.plain()
    for side in (-1, 1):
        build.box((side * half_width, 0.05, depth / 2), (0.015, 0.05, depth / 2 + 2), board)
    build.box((0, 0.05, depth), (half_width, 0.05, 0.015), board)


def kitchen(build, half_width, depth):
    """A counter along a wall with things on it, and cupboards above."""
    along_side = build.chance(0.5)
    side = build.pick([-1, 1])
    base, front, top = build.material(0.2, 1), build.material(0.2, 1), build.material(0.3, 1)
    for k in range(8):
        if along_side:
            x, z, yaw = side * (half_width - 0.3), depth - 0.4 - 0.6 * k, 90.0 * side
        else:
            x, z, yaw = -half_width + 0.4 + 0.6 * k, depth - 0.3, 0.0
        if z < 0.6 or x > half_width:
            break
        build.begin()
        build.box((x, 0.43, z), (0.3, 0.43, 0.29), base, yaw)
        build.box((x, 0.88, z), (0.3, 0.02, 0.31), top, yaw)
        if build.chance(0.7):
            away = (side * 0.14, 0) if along_side else (0, 0.14)
            build.box((x + away[0], 1.75, z + away[1]), (0.29, build.uniform(0.25, 0.4), 0.16), front, yaw)
        build.end()
        if build.chance(0.6):
            thing(
                build,
                x + build.rng.normal(0, 0.1),
                z + build.rng.normal(0, 0.08),
                0.9,
                build.log_uniform(0.08, 0.35),
            )


def corridor(build):
    """A narrow way with doors, the walls close by on both sides."""
    half_width, depth, height = build.uniform(0.6, 1.4), build.log_uniform(4, 25), build.uniform(2.2, 3.2)
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(45, 85),
        (build.uniform(-0.6, 0.6) * half_width, build.uniform(0.8, 1.8), 0),
        build.rng.normal(4, 10),
        build.rng.normal(0, 22),
        build.roll(),
    )
    shell(build, half_width, depth, height, 1.0)
    build.lamplight((-half_width * 0.5, height - 0.3, 1), (half_width * 0.5, height - 0.05, depth))
    build.scene.light.reach = build.uniform(2, 10)
    if build.chance(0.6):
        skirting(build, half_width, depth)
    panel = build.material(0.2, 1)
    for _ in range(build.count(0, 7)):
        side, z = build.pick([-1, 1]), build.uniform(0.5, depth)
        build.begin()
        build.box((side * half_width, 1.0, z), (build.uniform(0.01, 0.06), 1.0, 0.42), panel)
        build.end()
    for _ in range(build.count(0, 4)):
        side = build.pick([-1, 1])
        wall_picture(
            build,
            (side * (half_width - 0.01), build.uniform(1.2, 1.8), build.uniform(0.5, depth)),
            (build.uniform(0.15, 0.5), build.uniform(0.15, 0.4)),
            90.0 * side,
        )
    for _ in range(build.count(0, 6)):
        x, z = build.uniform(-0.8, 0.8) * half_width, build.log_uniform(1.0, depth)
        draw = build.rng.random()
        if draw < 0.4:
            person(build, x, z)
        elif draw < 0.6:
            chair(build, x, z)
        elif draw < 0.8:
            cabinet(build, np.sign(x) * (half_width - 0.3), z, 90.0 * np.sign(x))
        else:
            thing(build, x, z, 0, build.uniform(0.2, 0.9))


def furnish(build, x, z, half_width, depth):
    draw = build.rng.random()
    side = build.pick([-1, 1])
    if draw < 0.2:
        table(build, x, z)
    elif draw < 0.38:
        chair(build, x, z)
    elif draw < 0.48:
        sofa(build, *build.pick([(x, depth - 0.6, 180.0), (side * (half_width - 0.6), z, -90.0 * side)]))
    elif draw < 0.64:
        at, yaw = (
            ((x, 0, depth - 0.25), 0.0) if build.chance(0.5) else ((side * (half_width - 0.25), 0, z), 90.0 * side)
        )
        shelf(build, at, yaw, build.uniform(0.8, 2.3), build.uniform(0.4, 1.2), build.uniform(0.14, 0.24))
    elif draw < 0.74:
        cabinet(
            build, *build.pick([(x, depth - 0.35, 0.0), (side * (half_width - 0.35), z, 90.0 * side), (x, z, 20.0)])
        )
    elif draw < 0.88:
        person(build, x, z)
    elif draw < 0.91:
        animal(build, x, z, height=build.uniform(0.2, 0.6))
    elif draw < 0.95:
        build.begin()
        plant(build, np.array([x, 0, z]), build.uniform(0.5, 1.8))
        build.end()
    else:
        thing(build, x, z, 0, build.uniform(0.2, 0.9))


def partition(build, half_width, depth, height):
    """A wall with a doorway; what stands behind is seen through it."""
    z, opening, middle = (
        depth * build.uniform(0.5, 0.8),
        build.uniform(0.4, 0.8),
        build.uniform(-0.5, 0.5) * half_width,
    )
    wall = build.plain()
    left, right = middle - opening, middle + opening
    build.box(
        ((left - half_width) / 2, height / 2, z), (max((left + half_width) / 2, 0.02), height / 2, 0.06), wall
    )
    build.box(
        ((right + half_width) / 2, height / 2, z), (max((half_width - right) / 2, 0.02), height / 2, 0.06), wall
    )
    build.box((middle, (height + 2.05) / 2, z), (opening, max((height - 2.05) / 2, 0.02), 0.06), wall)


def hang(build, half_width, depth, height):
    """A picture, mirror, door, window, curtain or lamp."""
    half = build.uniform(0.15, 0.8), build.uniform(0.15, 0.6)
    y = min(max(build.uniform(1.0, 1.9), half[1] + 0.05), height - half[1])
    side = build.pick([-1, 1])
    draw = build.rng.random()
    if draw < 0.45:
        wall_picture(build, (build.uniform(-half_width, half_width), y, depth - 0.01), half, 0.0)
    elif draw < 0.75:
        wall_picture(build, (side * (half_width - 0.01), y, build.uniform(0.3, depth)), half, 90.0 * side)
    elif draw < 0.85:
        build.begin()
        door = build.material(0.2, 1)
        build.box((build.uniform(-half_width, half_width), 1.0, depth), (0.42, 1.0, 0.04), door)
        build.end()
    elif draw < 0.93:
        build.begin()
        cloth, x0 = build.material(0.3, 1), build.uniform(-half_width, half_width)
        for k in range(build.count(3, 9)):
            build.cylinder((x0 + 0.1 * k, height * 0.5, depth - 0.12), 0.07, height * 0.46, cloth)
        build.end()
    else:
        build.begin()
        x, z, length = (
            build.uniform(-0.8, 0.8) * half_width,
            build.uniform(0.8, max(depth, 0.9)),
            build.uniform(0.2, 0.9),
        )
        build.cylinder((x, height - length / 2, z), 0.008, length / 2, build.plain())
        shade = build.plain()
        shade.glow = build.uniform(0, 1)
        build.cylinder(
            (x, height - length, z),
            build.uniform(0.1, 0.25),
            build.uniform(0.06, 0.15),
            shade,
            taper=build.uniform(0.3, 1),
        )
        build.end()
