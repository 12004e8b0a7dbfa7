"""Layouts under the sky, and portraits, which may be anywhere."""

import numpy as np

from training.scenes.camera import Camera
from training.scenes.furniture import chair, shelf, table, thing, wall_picture
from training.scenes.outdoors import (
    building,
    bush,
    car,
    fence,
    hill,
    pole,
    ridge,
    rock,
    tree,
)
from training.scenes.people import animal, person
from training.scenes.primitives import Ground
from training.scenes.rooms import shell


def spot(build, z, spread=1.1):
    """x at z-depth z somewhere in view, and a little outside, so that the frame cuts some."""
    return float(build.camera.point(0.5 + build.uniform(-0.5, 0.5) * spread, 0.5, z)[0])


def street(build):
    half_width = build.log_uniform(2.5, 12)
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(40, 88),
        (build.uniform(-0.6, 0.6) * half_width, build.uniform(1.0, 3.2), 0),
        build.rng.normal(1, 6),
        build.rng.normal(0, 9),
        build.roll(),
    )
    build.sunlight()
    for side in (-1, 1):
        if build.chance(0.88):
            row_of_houses(build, side, half_width * build.uniform(0.8, 1.4))
    if build.chance(0.35):
        building(build, 0, build.uniform(25, 90), (half_width * 2, 4), build.uniform(6, 24))
    road(build, half_width)
    for _ in range(build.count(1, 14)):
        z = build.log_uniform(2.2, 50)
        x = build.uniform(-1, 1) * half_width * 0.95
        draw = build.rng.random()
        if draw < 0.42:
            person(build, x, z)
        elif draw < 0.7 and z > 4:
            car(build, x, z, yaw=build.rng.normal(0, 4) + build.pick([0, 180]) if build.chance(0.8) else None)
        elif draw < 0.85:
            pole(build, np.sign(x) * half_width * 0.9, z)
        elif draw < 0.95:
            tree(build, np.sign(x) * half_width * 0.9, z, height=build.uniform(3, 9))
        else:
            thing(build, x, z, 0, build.uniform(0.4, 1.4))


def row_of_houses(build, side, distance):
    z, gaps = build.uniform(-4, 6), build.chance(0.4)
    while z < 100:
        length, depth = build.uniform(4, 15), 5.0
        set_back = build.uniform(0, 3) if gaps else 0.0
        building(
            build,
            side * (distance + depth + set_back),
            z + length / 2,
            (depth, length / 2),
            build.uniform(3, 22),
            build.rng.normal(0, 0.6),
        )
        z += length + (build.uniform(0.5, 9) if gaps else 0.0)


def road(build, half_width):
    build.add(Ground(build.material(0.3, build.uniform(2, 6))))
    if build.chance(0.75):
        lane = half_width * build.uniform(0.35, 0.75)
        grey = build.material(0.3, 4, np.full(3, build.uniform(0.2, 0.55)), mix=build.uniform(0.6, 0.95), gloss=0.0)
        build.box((0, 0, 200), (lane, 0.01, 260), grey)
        white = build.plain((0.9, 0.9, 0.85))
        if build.chance(0.6):
            for k in range(12):
                build.box((0, 0.012, 3 + 6 * k), (0.08, 0.004, 1.5), white)
        if build.chance(0.5):
            for side in (-1, 1):
                build.box((side * lane * 0.95, 0.012, 200), (0.07, 0.004, 260), white)
        if build.chance(0.4):
            for side in (-1, 1):
                build.box((side * (lane + 1.2), 0.06, 200), (1.2, 0.08, 260), build.material(0.3, 1.5))


def yard(build):
    """Open ground with houses, people, trees, animals and cars at every distance."""
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(32, 80),
        (0, build.log_uniform(0.35, 5), 0),
        build.rng.normal(4, 8),
        0.0,
        build.roll(),
    )
    build.sunlight()
    build.add(Ground(build.material(0.55, build.uniform(2, 8))))
    for _ in range(build.count(0, 5)):
        z = build.uniform(12, 90)
        building(
            build,
            spot(build, z, 1.5),
            z,
            (build.uniform(3, 12), build.uniform(3, 9)),
            build.uniform(3, 16),
            build.uniform(-60, 60),
        )
    if build.chance(0.5):
        for _ in range(build.count(1, 3)):
            z = build.log_uniform(80, 900)
            ridge(build, z, z * build.uniform(0.04, 0.25))
    if build.chance(0.25):
        z = build.log_uniform(4, 30)
        fence(build, -z, z, z)
    populate(build, build.count(2, 15), 1.6, 60)


def populate(build, count, near, far):
    for _ in range(count):
        z = build.log_uniform(near, far)
        x = spot(build, z)
        draw = build.rng.random()
        if draw < 0.32:
            person(build, x, z)
        elif draw < 0.5:
            tree(build, x, z)
        elif draw < 0.6:
            bush(build, x, z)
        elif draw < 0.72:
            animal(build, x, z)
        elif draw < 0.82 and z > 4:
            car(build, x, z)
        elif draw < 0.87:
            pole(build, x, z)
        elif draw < 0.92:
            rock(build, x, z)
        else:
            thing(build, x, z, 0, build.uniform(0.3, 2.5))


def nature(build):
    build.camera = Camera(
        build.width,
        build.height,
        build.uniform(35, 80),
        (0, build.log_uniform(0.4, 20), 0),
        build.rng.normal(4, 8),
        0.0,
        build.roll(),
    )
    build.sunlight()
    build.add(Ground(build.material(0.7, build.uniform(2, 10))))
    eye = float(build.camera.position[1])
    z = build.uniform(8, 40)
    for _ in range(build.count(1, 5)):
        ridge(build, z, z * build.uniform(0.03, 0.3) + eye * 0.6)
        z *= build.uniform(1.5, 3.5)
    for _ in range(build.count(0, 3)):
        z = build.log_uniform(15, 120)
        hill(build, spot(build, z, 1.6), z, z * build.uniform(0.2, 0.6), z * build.uniform(0.02, 0.12))
    for _ in range(build.count(0, 16)):
        z = build.log_uniform(2, 70)
        build.pick([tree, tree, bush, lambda b, x, z: rock(b, x, z)])(build, spot(build, z, 1.3), z)
    populate(build, build.count(0, 5), 1.5, 30)
    if build.chance(0.25):
        # Leaves or a branch close to the lens.
        z = build.uniform(0.6, 1.6)
        at = build.camera.point(build.pick([0.0, 1.0]), build.uniform(0.3, 1.2), z)
        build.begin()
        build.card(
            at,
            z * 0.8,
            z * build.uniform(0.4, 1.2),
            build.pick(build.library.outlines["bush"]),
            build.material(0.8, 0.5, (0.2, 0.35, 0.12)),
            yaw=0.0,
        )
        build.end()


def portrait(build):
    """One to many people, near or far, often cut by the frame, sometimes behind something."""
    indoors = build.chance(0.45)
    eye = build.uniform(1.1, 1.75)
    build.camera = Camera(
        build.width, build.height, build.uniform(26, 62), (0, eye, 0), build.rng.normal(2, 5), 0.0, build.roll()
    )
    distance = build.log_uniform(0.55, 5)
    back = distance * build.log_uniform(1.15, 5)
    if indoors:
        shell(build, max(back * 0.7, 1.2) * build.uniform(0.6, 1.6), back, build.uniform(2.3, 3.4), 1.5)
        build.lamplight((-1, 1, -0.5), (1, 2.2, back * 0.9))
        for _ in range(build.count(0, 4)):
            wall_picture(
                build,
                (spot(build, back), build.uniform(1, 2), back - 0.01),
                (build.uniform(0.1, 0.6), build.uniform(0.1, 0.5)),
                0.0,
            )
        if build.chance(0.4):
            shelf(
                build, (spot(build, back), 0, back - 0.25), 0.0, build.uniform(1, 2.2), build.uniform(0.5, 1.2), 0.2
            )
    else:
        build.sunlight()
        build.add(Ground(build.material(0.55, 3)))
        populate(build, build.count(0, 9), distance * 1.3, 60)
        if build.chance(0.5):
            ridge(build, 150, build.uniform(8, 40))
        if build.chance(0.5):
            z = build.uniform(6, 30)
            building(
                build, spot(build, z), z, (build.uniform(3, 9), 4), build.uniform(3, 12), build.uniform(-30, 30)
            )
    company = 1 if build.chance(0.5) else build.count(2, 9)
    for k in range(company):
        z = distance * (1 if k == 0 else build.uniform(0.9, 2.2))
        x = spot(build, z, 0.7 if company == 1 else 1.1)
        if indoors and z > back - 0.3:
            continue
        sitting = build.chance(0.2)
        person(
            build,
            x,
            z,
            ground=eye - build.uniform(1.4, 1.75) + (0.45 if sitting else 0) if z < 1.6 else 0.0,
            sitting=sitting,
            yaw=180 + build.rng.normal(0, 40) if build.chance(0.8) else None,
        )
    if build.chance(0.15):
        animal(build, spot(build, distance), distance * build.uniform(0.8, 1.3), height=build.uniform(0.3, 0.8))
    if build.chance(0.3):
        foreground(build, distance)
    build.scene.focus_blur = build.chance(0.5)


def foreground(build, distance):
    """Something nearer than the people: a table, a chair's back, another's shoulder."""
    z = distance * build.uniform(0.4, 0.85)
    draw = build.rng.random()
    if draw < 0.5:
        table(
            build,
            spot(build, z),
            z,
            load=8,
            height=float(build.camera.position[1]) - build.uniform(0.2, 0.5) * min(z, 2),
        )
    elif draw < 0.75:
        person(build, spot(build, z, 1.4), z)
    else:
        chair(build, spot(build, z), z)
