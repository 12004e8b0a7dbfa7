"""Layouts under a roof: rooms, tables, packed shelves, clutter, walls close by."""
import numpy as np

from training.scenes.camera import Camera
from training.scenes.furniture import (cabinet, chair, monitor, plant, shelf, sofa, table, thing, wall_picture)
from training.scenes.people import animal, head, person
from training.scenes.builder import SKIN
from training.scenes.primitives import Ground, Shell


def roll(build):
    return build.rng.normal(0, 14 if build.chance(0.07) else 2)


def shell(build, half_width, depth, height, back):
    """The room's six faces: -x, +x, floor, ceiling, behind, front."""
    wall = build.material(0.15, build.uniform(1, 4)) if build.chance(0.5) else build.plain()
    ceiling = build.plain(np.full(3, build.uniform(0.6, 1))) if build.chance(0.7) else build.material(0.1, 2)
    faces = [wall, wall if build.chance(0.7) else build.material(0.3, 2), build.material(0.35, build.uniform(0.5, 3)), ceiling,
             wall, wall if build.chance(0.6) else build.material(0.3, 2)]
    center = (0, height / 2, (depth - back) / 2)
    return build.add(Shell(center, (half_width, height / 2, (depth + back) / 2), faces))


def room(build):
    half_width, depth = build.log_uniform(1.1, 4.5), build.log_uniform(1.6, 9)
    height, back = build.uniform(2.2, 3.5), build.uniform(0.4, 2.5)
    eye = build.uniform(0.5, 1.9)
    x0 = build.uniform(-0.75, 0.75) * half_width
    pitch = build.rng.normal(8, 11)
    yaw = build.rng.normal(-np.sign(x0) * 15, 28) if build.chance(0.75) else 0.0
    build.camera = Camera(build.width, build.height, build.uniform(45, 85), (x0, eye, 0), pitch, yaw, roll(build))
    shell(build, half_width, depth, height, back)
    build.lamplight((-half_width, 0.8, 0.3), (half_width, height - 0.1, depth))
    if build.chance(0.25):
        partition(build, half_width, depth, height)
    if build.chance(0.5):
        skirting(build, half_width, depth)
    if build.chance(0.4):
        build.box((build.uniform(-0.5, 0.5) * half_width, 0.005, depth * build.uniform(0.3, 0.7)),
                  (half_width * build.uniform(0.2, 0.6), 0.008, depth * build.uniform(0.1, 0.3)), build.material(0.5, 2), build.rng.normal(0, 10))
    if build.chance(0.2):
        kitchen(build, half_width, depth)
    for _ in range(build.count(0, 7)):
        hang(build, half_width, depth, height)
    for _ in range(build.count(2, 13)):
        x, z = build.uniform(-half_width + 0.3, half_width - 0.3), build.uniform(0.5, max(depth - 0.3, 0.6))
        if (x - x0) ** 2 + z ** 2 > 0.5:
            furnish(build, x, z, half_width, depth)


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
            thing(build, x + build.rng.normal(0, 0.1), z + build.rng.normal(0, 0.08), 0.9, build.log_uniform(0.08, 0.35))


def corridor(build):
    """A narrow way with doors, the walls close by on both sides."""
    half_width, depth, height = build.uniform(0.6, 1.4), build.log_uniform(4, 25), build.uniform(2.2, 3.2)
    build.camera = Camera(build.width, build.height, build.uniform(45, 85), (build.uniform(-0.6, 0.6) * half_width, build.uniform(0.8, 1.8), 0),
                          build.rng.normal(4, 10), build.rng.normal(0, 22), roll(build))
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
        wall_picture(build, (side * (half_width - 0.01), build.uniform(1.2, 1.8), build.uniform(0.5, depth)), (build.uniform(0.15, 0.5), build.uniform(0.15, 0.4)), 90.0 * side)
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
        at, yaw = ((x, 0, depth - 0.25), 0.0) if build.chance(0.5) else ((side * (half_width - 0.25), 0, z), 90.0 * side)
        shelf(build, at, yaw, build.uniform(0.8, 2.3), build.uniform(0.4, 1.2), build.uniform(0.14, 0.24))
    elif draw < 0.74:
        cabinet(build, *build.pick([(x, depth - 0.35, 0.0), (side * (half_width - 0.35), z, 90.0 * side), (x, z, 20.0)]))
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
    z, opening, middle = depth * build.uniform(0.5, 0.8), build.uniform(0.4, 0.8), build.uniform(-0.5, 0.5) * half_width
    wall = build.plain()
    left, right = middle - opening, middle + opening
    build.box(((left - half_width) / 2, height / 2, z), (max((left + half_width) / 2, 0.02), height / 2, 0.06), wall)
    build.box(((right + half_width) / 2, height / 2, z), (max((half_width - right) / 2, 0.02), height / 2, 0.06), wall)
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
        x, z, length = build.uniform(-0.8, 0.8) * half_width, build.uniform(0.8, max(depth, 0.9)), build.uniform(0.2, 0.9)
        build.cylinder((x, height - length / 2, z), 0.008, length / 2, build.plain())
        shade = build.plain()
        shade.glow = build.uniform(0, 1)
        build.cylinder((x, height - length, z), build.uniform(0.1, 0.25), build.uniform(0.06, 0.15), shade, taper=build.uniform(0.3, 1))
        build.end()


def look_at_table(build, distance, pitch, target_height):
    """A camera that sees the point (0, target_height, 0) in its middle."""
    p = np.radians(pitch)
    position = (0, target_height + distance * np.sin(p), -distance * np.cos(p))
    build.camera = Camera(build.width, build.height, build.uniform(28, 68), position, pitch, 0.0, roll(build))


def tabletop(build):
    """Things on a table or floor, the camera from just above to almost straight down."""
    distance = build.log_uniform(0.5, 2.2)
    look_at_table(build, distance, build.uniform(8, 75) if build.chance(0.75) else build.uniform(2, 18), build.uniform(0, 0.15))
    spread = distance * build.uniform(0.25, 0.75)
    size = build.uniform(0.06, 0.25) * distance ** 0.7
    for _ in range(build.count(1, 24)):
        x, z = build.rng.normal(0, spread), build.rng.normal(0, spread * 0.8)
        if z > build.camera.position[2] * 0.7:
            thing(build, x, z, 0, size * np.exp(build.rng.normal(0, 0.5)))
    top = build.material(0.35, distance * build.uniform(0.3, 2))
    if build.chance(0.45):
        half = build.uniform(0.4, 1.2) * distance, build.uniform(0.35, 0.9) * distance
        build.begin()
        build.box((0, -0.03, 0), (half[0], 0.03, half[1]), top, build.rng.normal(0, 25) if build.chance(0.6) else 0.0)
        build.end()
        build.add(Ground(build.material(0.4, 2), -build.uniform(0.4, 0.9)))
    else:
        build.add(Ground(top))
    backdrop(build, distance)
    build.scene.focus_blur = build.chance(0.35)


def backdrop(build, distance):
    """A wall behind, one at a side, a person at the table, or a room's far end."""
    if build.chance(0.7):
        z = distance * build.log_uniform(0.3, 3)
        build.box((0, 2, z), (8, 6, 0.05), build.material(0.4, distance * 2), build.rng.normal(0, 12))
        if build.chance(0.4):
            wall_picture(build, (build.uniform(-1, 1) * z, build.uniform(0.2, 0.8), z - 0.1), (0.3 * distance, 0.25 * distance), 0.0)
    if build.chance(0.25):
        side = build.pick([-1, 1])
        build.box((side * distance * build.uniform(0.5, 1.6), 2, 0), (0.05, 6, 8), build.material(0.4, distance * 2), build.rng.normal(0, 12))
    if build.chance(0.2):
        person(build, build.rng.normal(0, 0.5), build.uniform(0.4, 1.6) * distance, -0.5, sitting=True, yaw=180 + build.rng.normal(0, 30))
    build.lamplight((-2, 0.8, -1.5), (2, 2.5, 2))
    build.scene.light.reach = build.uniform(1.5, 5)


def packed_shelf(build):
    """A shelf, cupboard or open fridge that fills the view, things sometimes in front of it."""
    distance = build.log_uniform(0.5, 2.2)
    yaw = build.rng.normal(0, 20)
    build.camera = Camera(build.width, build.height, build.uniform(40, 75), (0, build.uniform(0.6, 1.6), 0), build.rng.normal(2, 10), 0.0, roll(build))
    depth = build.uniform(0.15, 0.3)
    for k in range(build.count(1, 2)):
        shelf(build, (k * build.pick([-1, 1]) * 2.1, 0, distance + depth), yaw, build.uniform(1.6, 2.4), 1.0, depth, fill=build.uniform(0.5, 1))
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
    build.camera = Camera(build.width, build.height, build.uniform(45, 72), (build.rng.normal(0, 0.3), height + build.uniform(0.15, 0.9), -distance),
                          build.uniform(0, 45), 0.0, roll(build))
    table(build, 0, half[1], load=0, yaw=yaw, half=half, height=height)
    right, forward = np.array([np.cos(np.radians(yaw)), 0, -np.sin(np.radians(yaw))]), np.array([np.sin(np.radians(yaw)), 0, np.cos(np.radians(yaw))])
    for _ in range(build.count(3, 16)):
        spot = np.array([0, 0, half[1]]) + right * build.uniform(-0.9, 0.9) * half[0] + forward * build.uniform(-0.85, 0.85) * half[1]
        if build.chance(0.2):
            monitor(build, spot[0], spot[2], height + 0.02, yaw + build.rng.normal(0, 25))
        else:
            thing(build, spot[0], spot[2], height + 0.02, build.log_uniform(0.04, 0.3))
    wall = forward * (half[1] + 0.05 + (0 if build.chance(0.6) else build.uniform(0, 3)))
    build.box(wall + [0, 1, half[1]], (6, 3, 0.02), build.material(0.2, 2), yaw)
    for _ in range(build.count(0, 4)):
        wall_picture(build, wall + [0, build.uniform(1, 1.8), half[1] - 0.03] + right * build.uniform(-1.2, 1.2), (build.uniform(0.1, 0.4), build.uniform(0.1, 0.3)), yaw)
    build.add(Ground(build.material(0.4, 1)))
    if build.chance(0.3):
        chair(build, build.rng.normal(0, 0.4), -distance * 0.3, occupied=0.3)
    build.lamplight((-1.5, 1, -1), (1.5, 2.5, 1))


def clutter(build):
    """Things everywhere at every height and distance, round ones far away too: no rule but occlusion helps."""
    build.camera = Camera(build.width, build.height, build.uniform(35, 75), (0, 1.4, 0), build.rng.normal(0, 8), 0.0, roll(build))
    back = build.uniform(4, 18)
    build.box((0, 0, back), (40, 40, 0.05), build.material(0.8, 6), build.rng.normal(0, 15))
    for _ in range(build.count(4, 24)):
        z = build.log_uniform(0.7, back * 0.95)
        spot = build.camera.point(build.uniform(0, 1), build.uniform(0, 1), z)
        if build.chance(0.15):
            head(build, spot, z * build.uniform(0.8, 3), build.uniform(0, 360), build.plain(SKIN * build.uniform(0.3, 1.1)))
        else:
            thing(build, spot[0], spot[2], spot[1] - 0.2 * z, z * build.uniform(0.08, 0.5))
    if build.chance(0.4):
        build.add(Ground(build.material(0.4, 2)))
    build.sunlight()


def wall(build):
    """A wall, facade or panel close by, straight or at an angle, with flat and thick things on it."""
    distance, yaw = build.log_uniform(0.8, 6), build.rng.normal(0, 35)
    build.camera = Camera(build.width, build.height, build.uniform(38, 78), (0, 1.5, 0), build.rng.normal(0, 12), 0.0, roll(build))
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
        (person if build.chance(0.6) else lambda b, x, z: thing(b, x, z, 0, b.uniform(0.3, 1.2)))(build, spot[0], spot[2])
    build.add(Ground(build.material(0.5, 2)))
    build.sunlight()
