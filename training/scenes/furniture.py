"""What stands in rooms and on tables. Sizes in metres; `ground` is the height of what it stands on."""

import numpy as np

from training.scenes.builder import GREEN, WOOD
from training.scenes.people import person


def ahead(yaw):
    """Right and forward of something turned by yaw."""
    w = np.radians(yaw)
    return np.array([np.cos(w), 0, -np.sin(w)]), np.array([np.sin(w), 0, np.cos(w)])


def wood(build, scale=1.0):
    return (
        build.material(0.2, scale, WOOD * build.uniform(0.4, 1.9))
        if build.chance(0.5)
        else build.material(0.25, scale)
    )


def thing(build, x, z, ground, size):
    """Any small object of about this height."""
    build.begin()
    at = np.array([x, ground, z])
    draw = build.rng.random()
    uniform = build.uniform
    skin = build.material(0.5, size)
    if draw < 0.22:
        half = size / 2 * np.array([uniform(0.4, 1.4), uniform(0.2, 1.2), uniform(0.4, 1.4)])
        build.box(at + [0, half[1], 0], half, skin, uniform(0, 360))
    elif draw < 0.34:
        radius = size * uniform(0.3, 0.55)
        half = radius * np.array([uniform(0.8, 1.2), 1, uniform(0.8, 1.2)]) if build.chance(0.5) else radius
        build.ellipsoid(at + [0, radius, 0], half, skin)
    elif draw < 0.5:
        half = size / 2 * uniform(0.4, 1.3)
        build.cylinder(at + [0, half, 0], size * uniform(0.15, 0.45), half, skin, taper=uniform(0.7, 1.3))
    elif draw < 0.62:
        bottle(build, at, size * uniform(0.8, 1.4), skin)
    elif draw < 0.7:
        radius, yaw = size * uniform(0.1, 0.3), uniform(0, 360)
        build.cylinder(at + [0, radius, 0], radius, size * uniform(0.3, 0.8), skin, uniform(0.6, 1.0), yaw, lean=90)
    elif draw < 0.78:
        books(build, at, size)
    elif draw < 0.86:
        build.card(
            at,
            size * uniform(0.6, 1.3),
            size * uniform(0.5, 1.2),
            build.pick(build.library.outlines["blob"]),
            skin,
            relief=size * uniform(0.05, 0.3),
        )
    elif draw < 0.9:
        build.end()
        half = size * build.uniform(0.4, 0.7), size * build.uniform(0.15, 0.4), size * build.uniform(0.4, 0.7)
        open_box(build, at, half, uniform(0, 360), count=build.count(0, 2) if size > 0.15 else 0)
    elif draw < 0.94:
        plant(build, at, size * 1.6)
    else:
        lamp(build, at, size * uniform(1, 2))
    build.end()


def bottle(build, at, height, skin):
    radius = height * build.uniform(0.1, 0.2)
    neck = build.uniform(0.2, 0.4)
    build.cylinder(at + [0, height * (1 - neck) / 2, 0], radius, height * (1 - neck) / 2, skin)
    build.ellipsoid(at + [0, height * (1 - neck), 0], (radius, radius * 0.8, radius), skin)
    build.cylinder(at + [0, height * (1 - neck / 2), 0], radius * build.uniform(0.25, 0.5), height * neck / 2, skin)


def books(build, at, size):
    """A small stack."""
    y = 0.0
    for _ in range(build.count(1, 5)):
        thick = size * build.uniform(0.05, 0.15)
        half = np.array([size * build.uniform(0.3, 0.5), thick / 2, size * build.uniform(0.35, 0.6)])
        build.box(at + [0, y + thick / 2, 0], half, build.material(0.5, size), build.rng.normal(0, 30))
        y += thick


def plant(build, at, height):
    radius = height * build.uniform(0.1, 0.2)
    build.cylinder(at + [0, radius, 0], radius, radius, build.material(0.2, height), taper=1.2)
    leaves = build.material(0.7, height, GREEN * build.uniform(0.5, 1.5))
    for _ in range(build.count(2, 5)):
        build.card(
            at + [build.rng.normal(0, radius * 0.5), radius * 1.5, build.rng.normal(0, radius * 0.5)],
            height * build.uniform(0.4, 0.8),
            height * build.uniform(0.4, 0.85),
            build.pick(build.library.outlines["bush" if build.chance(0.6) else "blob"]),
            leaves,
            yaw=build.uniform(-90, 90),
        )


def lamp(build, at, height):
    build.cylinder(at + [0, 0.02 * height, 0], 0.15 * height, 0.02 * height, build.plain())
    build.cylinder(at + [0, height * 0.4, 0], 0.02 * height, height * 0.4, build.plain())
    shade = build.plain(build.rng.uniform(0.6, 1, 3))
    shade.glow = build.uniform(0, 0.8)
    build.cylinder(at + [0, height * 0.85, 0], 0.2 * height, 0.15 * height, shade, taper=build.uniform(0.5, 1))


def open_box(build, at, half, yaw=0.0, count=0):
    """A tote, drawer, carton or crate, open above, with `count` things in it. `at`: the middle of its floor."""
    right, forward = ahead(yaw)
    build.begin()
    wall, thick = build.material(0.2, max(half) * 2), 0.03 * max(half)
    build.box(at, (half[0], thick, half[2]), wall, yaw)
    slant = build.uniform(0, 12)
    for side in (-1, 1):
        build.box(
            at + right * side * half[0] + [0, half[1], 0], (thick, half[1], half[2]), wall, yaw, tip=-side * slant
        )
        build.box(
            at + forward * side * half[2] + [0, half[1], 0], (half[0], half[1], thick), wall, yaw, lean=side * slant
        )
        if build.chance(0.4):
            build.box(
                at + right * side * half[0] + [0, 2 * half[1], 0], (thick * 2, thick, half[2] * 1.05), wall, yaw
            )
    build.end()
    for _ in range(count):
        spot = at + right * build.uniform(-0.7, 0.7) * half[0] + forward * build.uniform(-0.7, 0.7) * half[2]
        thing(build, spot[0], spot[2], spot[1] + thick, build.uniform(0.3, 1.0) * half[1])


def table(build, x, z, ground=0.0, load=6, yaw=None, half=None, height=None):
    uniform = build.uniform
    build.begin()
    yaw = uniform(0, 360) if yaw is None else yaw
    half_x, half_z = half or (uniform(0.3, 1.0), uniform(0.25, 0.6))
    height = height or (uniform(0.65, 0.8) if build.chance(0.7) else uniform(0.3, 0.5))
    right, forward = ahead(yaw)
    at = np.array([x, ground, z])
    board = wood(build)
    build.box(at + [0, height, 0], (half_x, 0.02, half_z), board, yaw)
    if build.chance(0.2):
        build.cylinder(at + [0, height / 2, 0], 0.05, height / 2, board)
    else:
        for a in (-0.92, 0.92):
            for c in (-0.9, 0.9):
                build.box(
                    at + right * a * half_x + forward * c * half_z + [0, height / 2, 0],
                    (0.025, height / 2, 0.025),
                    board,
                    yaw,
                )
    build.end()
    for _ in range(build.count(0, load)):
        spot = at + right * uniform(-0.85, 0.85) * half_x + forward * uniform(-0.85, 0.85) * half_z
        if build.chance(0.15):
            monitor(build, spot[0], spot[2], ground + height + 0.02, yaw + build.rng.normal(0, 20))
        else:
            thing(build, spot[0], spot[2], ground + height + 0.02, uniform(0.06, 0.35))


def monitor(build, x, z, ground, yaw):
    build.begin()
    at = np.array([x, ground, z])
    width = build.uniform(0.15, 0.35)
    screen = build.material(0.6, width * 2) if build.chance(0.5) else build.plain((0.04, 0.04, 0.05), 0.4)
    case = build.plain(np.full(3, build.uniform(0.05, 0.8)))
    base = build.uniform(0.02, 0.15)
    build.box(at + [0, base + width * 0.6, 0], (width, width * 0.6, 0.02), [case] * 4 + [screen, case], yaw)
    build.box(at + [0, base / 2, 0], (0.03, base / 2, 0.02), case, yaw)
    build.box(at + [0, 0.01, 0], (width * 0.4, 0.01, 0.1), case, yaw)
    build.end()


def chair(build, x, z, yaw=None, occupied=0.15):
    uniform = build.uniform
    yaw = uniform(0, 360) if yaw is None else yaw
    right, forward = ahead(yaw)
    at, half, seat = np.array([x, 0, z]), uniform(0.2, 0.28), uniform(0.42, 0.5)
    build.begin()
    stuff = build.material(0.3, 0.6)
    build.box(at + [0, seat, 0], (half, build.uniform(0.015, 0.05), half), stuff, yaw)
    back = uniform(0.2, 0.4)
    build.box(at + [0, seat + back, 0] - forward * half, (half, back * uniform(0.4, 1), 0.02), stuff, yaw)
    if build.chance(0.25):
        build.cylinder(at + [0, seat / 2, 0], 0.03, seat / 2, build.plain())
        for angle in range(0, 360, 72):
            build.limb(
                at + [0, 0.1, 0],
                at + ahead(yaw + angle)[1] * 0.28 + [0, 0.04, 0],
                0.02,
                build.plain((0.1, 0.1, 0.1)),
            )
    else:
        for a in (-1, 1):
            for c in (-1, 1):
                build.box(
                    at + (right * a + forward * c) * half * 0.9 + [0, seat / 2, 0],
                    (0.018, seat / 2, 0.018),
                    stuff,
                    yaw,
                )
    build.end()
    if build.chance(occupied):
        person(build, x, z, 0.05, sitting=True, yaw=yaw)


def sofa(build, x, z, yaw):
    """Sofa, armchair or bed; its back looks against its yaw."""
    right, forward = ahead(yaw)
    at, width, depth = np.array([x, 0, z]), build.uniform(0.4, 1.1), build.uniform(0.35, 0.5)
    build.begin()
    cloth = build.material(0.4, 0.8)
    if build.chance(0.3):
        length = build.uniform(0.9, 1.05)
        build.box(at + [0, 0.22, 0], (width, 0.22, length), cloth, yaw)
        build.box(at + [0, 0.4, 0] - forward * length, (width, 0.4, 0.04), wood(build), yaw)
        for side in (-0.5, 0.5):
            build.ellipsoid(
                at + right * side * width - forward * length * 0.75 + [0, 0.48, 0],
                (width * 0.4, 0.09, 0.2),
                build.material(0.2, 0.5),
                yaw,
            )
    else:
        build.box(at + [0, 0.2, 0], (width, 0.2, depth), cloth, yaw)
        build.box(at + [0, 0.42, 0] - forward * depth, (width, 0.42, 0.12), cloth, yaw)
        for side in (-1, 1):
            build.box(at + right * side * width + [0, 0.3, 0], (0.09, 0.3, depth), cloth, yaw)
        for _ in range(build.count(0, 3)):
            build.ellipsoid(
                at + right * build.uniform(-0.8, 0.8) * width - forward * depth * 0.6 + [0, 0.55, 0],
                (0.2, 0.18, 0.09),
                build.material(0.4, 0.4),
                yaw + build.rng.normal(0, 15),
                lean=-15,
            )
    build.end()
    if build.chance(0.2):
        person(build, x, z, 0.0, sitting=True, yaw=yaw)


def shelf(build, at, yaw, height, half_width, depth, fill=0.85):
    """Boards with things or books packed between them; it opens towards -forward of its yaw."""
    right, forward = ahead(yaw)
    at = np.asarray(at, np.float64)
    build.begin()
    board = wood(build)
    if build.chance(0.7):
        build.box(at + [0, height / 2, 0] + forward * depth, (half_width, height / 2, 0.01), board, yaw)
    for side in (-1, 1):
        build.box(at + right * side * half_width + [0, height / 2, 0], (0.015, height / 2, depth), board, yaw)
    rows = build.count(2, 6)
    room = height / rows
    for row in range(rows + 1):
        build.box(at + [0, room * row, 0], (half_width, 0.012, depth), board, yaw)
    build.end()
    for row in range(rows):
        fill_row(build, at + [0, room * row + 0.012, 0], right, forward, yaw, half_width, depth, room, fill)


def fill_row(build, at, right, forward, yaw, half_width, depth, room, fill):
    x = -half_width * 0.95
    is_books = build.chance(0.5)
    build.begin()
    for _ in range(14):
        width = build.uniform(0.02, 0.08) if is_books else build.uniform(0.05, 0.25)
        if x + width > half_width * 0.95:
            break
        if build.chance(fill):
            height, back = room * build.uniform(0.45, 0.92), depth * build.uniform(0.4, 0.9)
            place = at + right * (x + width / 2) + forward * (depth - back) * build.uniform(0, 0.9)
            stuff = build.material(0.4, 0.3)
            if is_books or build.chance(0.6):
                build.box(place + [0, height / 2, 0], (width * 0.48, height / 2, back), stuff, yaw)
            elif build.chance(0.6):
                build.cylinder(
                    place + [0, height / 2, 0], width * 0.45, height / 2, stuff, taper=build.uniform(0.6, 1.1)
                )
            else:
                radius = min(width, height) / 2
                build.ellipsoid(place + [0, radius, 0], radius, stuff)
        x += width + (build.uniform(0, 0.1) if build.chance(0.3) else 0.004)
    build.end()


def cabinet(build, x, z, yaw):
    half = np.array([build.uniform(0.25, 0.8), build.uniform(0.3, 1.0), build.uniform(0.2, 0.35)])
    right, forward = ahead(yaw)
    at = np.array([x, half[1], z])
    build.begin()
    front = wood(build)
    build.box(at, half, front, yaw)
    for k in range(build.count(0, 4)):
        build.box(
            at - forward * half[2] + [0, half[1] * (0.7 - 0.45 * k), 0],
            half * [0.9, 0.2, 0.02] + [0, 0, 0.006],
            wood(build),
            yaw,
        )
    build.end()
    for _ in range(build.count(0, 3)):
        spot = at + right * build.uniform(-0.8, 0.8) * half[0]
        thing(build, spot[0], spot[2], 2 * half[1], build.uniform(0.1, 0.4))


def wall_picture(build, center, half, yaw):
    """A picture, mirror, poster or window, in a frame or without; it looks towards -forward of its yaw."""
    right, _ = ahead(yaw)
    center = np.asarray(center, np.float64)
    build.begin()
    image = build.material(0.95, max(half) * 2, mix=build.uniform(0, 0.25))
    if build.chance(0.25):
        image.glow = build.uniform(0.2, 0.9)
    thick = build.uniform(0.005, 0.03)
    build.box(center, (*half, thick), image, yaw)
    if build.chance(0.6):
        frame, edge = build.plain(), build.uniform(0.015, 0.05)
        for side in (-1, 1):
            build.box(center + right * side * half[0], (edge, half[1] + edge, thick * 1.7), frame, yaw)
            build.box(center + [0, side * half[1], 0], (half[0], edge, thick * 1.7), frame, yaw)
    build.end()
