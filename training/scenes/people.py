"""People and animals: round bodies, or cut-outs with relief."""

import numpy as np

from training.scenes import ANIMAL, PERSON
from training.scenes.builder import SKIN


def person(build, x, z, ground=0.0, height=None, sitting=False, yaw=None):
    """Feet at (x, ground, z), or the seat's floor for one who sits. Some are children."""
    height = height or (build.uniform(0.9, 1.4) if build.chance(0.15) else build.uniform(1.5, 1.9))
    build.begin(PERSON)
    is_near = z < 3
    if (
        build.chance(0.3)
        and not sitting
        and build.photo_card(PERSON, (x, ground, z), height * build.uniform(0.8, 1), is_near)
    ):
        pass
    elif build.chance(0.2) and not sitting:
        cut_out(build, x, z, ground, height)
    else:
        body(build, np.array([x, ground, z]), height, sitting, build.uniform(0, 360) if yaw is None else yaw)
    build.end()


def cut_out(build, x, z, ground, height):
    clothes = [
        build.material(0.4, 0.6),
        build.material(0.4, 0.6),
        build.plain(SKIN * build.uniform(0.35, 1.1)),
        build.plain(build.rng.uniform(0.03, 0.4, 3)),
    ]
    build.card(
        (x, ground, z),
        height * build.uniform(0.85, 1.05),
        height,
        build.pick(build.library.outlines["person"]),
        clothes,
        relief=0.12,
    )


def body(build, feet, height, sitting, yaw):
    """All lengths in parts of the height; forward is where the person looks."""
    uniform = build.uniform
    w = np.radians(yaw)
    right, up, forward = (
        np.array([np.cos(w), 0, -np.sin(w)]),
        np.array([0, 1, 0]),
        np.array([np.sin(w), 0, np.cos(w)]),
    )

    def at(aside, above, ahead):
        return feet + height * (aside * right + above * up + ahead * forward)

    skin = build.plain(SKIN * uniform(0.3, 1.1))
    shirt = build.material(0.4, 0.5)
    trousers = build.material(0.3, 0.6)
    stout = uniform(0.85, 1.35)
    hip = 0.27 if sitting else 0.5
    bend = build.rng.normal(0, 0.04)
    neck = at(bend, hip + 0.33, bend)
    head_at = at(bend + build.rng.normal(0, 0.01), hip + 0.425, bend + 0.01)
    head(build, head_at, height, yaw + build.rng.normal(0, 25), skin)
    build.limb(neck, head_at, 0.032 * height, skin)
    build.ellipsoid((neck + at(0, hip, 0)) / 2, height * np.array([0.105 * stout, 0.2, 0.07 * stout]), shirt, yaw)
    build.ellipsoid(
        at(bend, hip + 0.27, bend), height * np.array([0.125 * min(stout, 1.15), 0.055, 0.06]), shirt, yaw
    )
    build.ellipsoid(at(0, hip + 0.02, 0), height * np.array([0.1 * stout, 0.07, 0.075 * stout]), trousers, yaw)
    sleeve = shirt if build.chance(0.6) else skin
    for side in (-1, 1):
        shoulder = at(side * 0.115 + bend, hip + 0.29, bend)
        elbow = at(side * uniform(0.12, 0.2), hip + uniform(0.1, 0.17), uniform(-0.05, 0.1))
        hand = elbow + height * (
            right * side * uniform(-0.1, 0.05) + up * uniform(-0.15, 0.14) + forward * uniform(0, 0.14)
        )
        build.limb(shoulder, elbow, 0.03 * height * stout**0.5, shirt)
        build.limb(elbow, hand, 0.023 * height, sleeve)
        build.ellipsoid(hand, 0.028 * height, skin)
        stride = build.rng.normal(0, 0.06)
        if sitting:
            knee, foot = at(side * 0.07, hip + 0.02, 0.24), at(side * 0.07, 0.02, 0.26 + stride)
        else:
            knee, foot = at(side * 0.06, 0.27, max(stride, 0)), at(side * uniform(0.05, 0.08), 0.02, stride)
        build.limb(at(side * 0.055, hip, 0), knee, 0.047 * height * stout, trousers)
        build.limb(knee, foot, 0.033 * height, trousers)
        build.ellipsoid(foot + forward * 0.03 * height, height * np.array([0.025, 0.022, 0.06]), build.plain(), yaw)


def head(build, center, height, yaw, skin):
    """Hair or a hat over a face; sometimes glasses."""
    w = np.radians(yaw)
    forward = np.array([np.sin(w), 0, np.cos(w)])
    size = height * build.uniform(0.95, 1.1)
    build.ellipsoid(center, size * np.array([0.046, 0.066, 0.056]), skin, yaw)
    build.ellipsoid(
        center + forward * 0.052 * size - [0, 0.008 * size, 0], size * np.array([0.01, 0.018, 0.014]), skin, yaw
    )
    hair = build.plain(build.rng.uniform(0.03, 0.5, 3) * [1.2, 1, 0.8])
    draw = build.rng.random()
    if draw < 0.75:
        build.ellipsoid(
            center + [0, 0.018 * size, 0] - forward * 0.012 * size, size * np.array([0.053, 0.06, 0.056]), hair, yaw
        )
    if draw < 0.3:
        build.ellipsoid(
            center - [0, 0.04 * size, 0] - forward * 0.025 * size, size * np.array([0.06, 0.1, 0.045]), hair, yaw
        )
    elif draw > 0.8:
        hat = build.material(0.2, 0.3)
        build.cylinder(center + [0, 0.045 * size, 0], 0.055 * size, 0.03 * size, hat, taper=0.85)
        if build.chance(0.6):
            build.cylinder(
                center + [0, 0.025 * size, 0] + forward * 0.02 * size,
                build.uniform(0.07, 0.12) * size,
                0.004 * size,
                hat,
            )
    if build.chance(0.15):
        build.box(
            center + forward * 0.05 * size + [0, 0.012 * size, 0],
            size * np.array([0.045, 0.012, 0.006]),
            build.plain((0.05, 0.05, 0.05), 0.6),
            yaw,
        )


def animal(build, x, z, ground=0.0, height=None):
    """`height` at the back. Four legs; a bird now and then."""
    height = height or build.log_uniform(0.25, 1.6)
    build.begin(ANIMAL)
    coat = build.material(0.6, height)
    draw = build.rng.random()
    if draw < 0.35 and build.photo_card(ANIMAL, (x, ground, z), height * 1.2):
        pass
    elif draw < 0.5:
        build.card(
            (x, ground, z),
            height * build.uniform(1.1, 1.6),
            height * 1.3,
            build.pick(build.library.outlines["animal"]),
            coat,
            relief=height * 0.2,
        )
    elif draw < 0.6:
        bird(build, np.array([x, ground, z]), height * 0.6, coat)
    else:
        four_legs(build, np.array([x, ground, z]), height, coat)
    build.end()


def bird(build, feet, height, coat):
    yaw = build.uniform(0, 360)
    build.ellipsoid(
        feet + [0, height * 0.6, 0], height * np.array([0.22, 0.25, 0.42]), coat, yaw, lean=build.uniform(-50, 0)
    )
    w = np.radians(yaw)
    forward = np.array([np.sin(w), 0, np.cos(w)])
    build.ellipsoid(feet + [0, height * 0.95, 0] + forward * 0.25 * height, height * 0.15, coat)
    build.limb(feet, feet + [0, height * 0.5, 0], 0.03 * height, build.plain())


def four_legs(build, feet, height, coat):
    w = np.radians(build.uniform(0, 360))
    forward, right = np.array([np.sin(w), 0, np.cos(w)]), np.array([np.cos(w), 0, -np.sin(w)])
    length, stout = build.uniform(0.5, 0.75) * height, build.uniform(0.18, 0.3) * height
    front, back = feet + forward * length + [0, height * 0.8, 0], feet - forward * length + [0, height * 0.78, 0]
    build.limb(back, front, stout, coat)
    head_at = front + forward * build.uniform(0.2, 0.4) * height + [0, build.uniform(-0.1, 0.5) * height, 0]
    build.limb(front, head_at, stout * 0.5, coat)
    build.limb(head_at, head_at + forward * 0.22 * height - [0, 0.08 * height, 0], stout * 0.5, coat)
    for side in (-1, 1):
        build.ellipsoid(
            head_at + right * side * stout * 0.4 + [0, stout * 0.55, 0], stout * np.array([0.15, 0.35, 0.1]), coat
        )
        for end in (front, back):
            step = forward * build.rng.normal(0, 0.08) * height
            top = end + right * side * stout * 0.6 - [0, stout * 0.3, 0]
            build.limb(top, np.array([top[0], feet[1], top[2]]) + step, stout * 0.25, coat)
    build.limb(
        back,
        back - forward * build.uniform(0.1, 0.4) * height + [0, build.uniform(-0.4, 0.3) * height, 0],
        stout * 0.15,
        coat,
    )
