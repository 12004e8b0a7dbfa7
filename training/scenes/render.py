"""One scene, one camera: colour, inverse depth, classes and instances, by one ray through each pixel's centre."""

import numpy as np

from training.scenes import SKY
from training.scenes.primitives import FAR, MISS, Ground, Shell

SHADOW_STEP = 3
SHADOW_CASTERS = 24


class Picture:
    """color: H x W x 3 of 0 and more; inverse_depth: 1 / z, 0 in the sky; classes; instances, 0 = none."""

    def __init__(self, color, inverse_depth, classes, instances):
        self.color, self.inverse_depth, self.classes, self.instances = color, inverse_depth, classes, instances


def render(scene, camera, behind=None):
    """`behind`: an instance map of the same view. Then each pixel shows what lies behind that instance."""
    directions = camera.rays()
    t, index = cast(scene, camera, directions, None if behind is None else behind.ravel())
    color = shade(scene, camera, directions, t, index)
    shape = camera.height, camera.width
    kinds = np.array([primitive.kind for primitive in scene.primitives] + [SKY], np.uint8)
    instances = np.array([primitive.instance for primitive in scene.primitives] + [0], np.uint16)
    inverse_depth = np.where(index >= 0, 1 / t, 0).astype(np.float32)
    return Picture(
        color.reshape(*shape, 3),
        inverse_depth.reshape(shape),
        kinds[index].reshape(shape),
        instances[index].reshape(shape),
    )


def cast(scene, camera, directions, behind):
    """z-depth and the number of the nearest primitive for each pixel; -1 = none."""
    height, width = camera.height, camera.width
    rays = directions.reshape(3, height, width)
    nearest = np.full((height, width), MISS, np.float32)
    index = np.full((height, width), -1, np.int32)
    hidden = None if behind is None else behind.reshape(height, width)
    scene.windows = camera.windows(np.stack([padded(primitive.corners()) for primitive in scene.primitives]))
    for number, (primitive, (top, bottom, left, right)) in enumerate(zip(scene.primitives, scene.windows)):
        if top >= bottom or left >= right:
            continue
        window = np.s_[top:bottom, left:right]
        t = primitive.hit(camera.position, rays[:, top:bottom, left:right].reshape(3, -1))
        t = t.reshape(bottom - top, right - left)
        closer = (t < nearest[window]) & (t < FAR)
        if hidden is not None:
            closer &= (hidden[window] != primitive.instance) | (primitive.instance == 0)
        np.copyto(nearest[window], t, where=closer)
        np.copyto(index[window], number, where=closer)
    return nearest.ravel(), index.ravel()


def padded(corners):
    return corners if len(corners) == 8 else np.concatenate([corners, corners[: 8 - len(corners)]])


def gather_surfaces(scene, camera, directions, t, index):
    """Texture coordinates, normals and material numbers of all pixels, primitive by primitive."""
    count = len(t)
    uv, normals = np.zeros((2, count), np.float32), np.zeros((3, count), np.float32)
    material_of_pixel = np.zeros(count, np.int64)
    materials = []
    order = np.argsort(index.astype(np.int16), kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(scene.primitives) + 1))
    for number, primitive in enumerate(scene.primitives):
        pixels = order[starts[number] : starts[number + 1]]
        if not len(pixels):
            continue
        uv[:, pixels], normals[:, pixels], face = primitive.surface(
            camera.position, directions[:, pixels], t[pixels]
        )
        material_of_pixel[pixels] = len(materials) + np.minimum(face, len(primitive.materials) - 1)
        materials.extend(primitive.materials)
    return uv, normals, material_of_pixel, materials


def shade(scene, camera, directions, t, index):
    solid = np.flatnonzero(index >= 0)
    color = scene.sky_color(directions)
    if not len(solid):
        return color
    # Only what is solid is shaded.
    rays, depth = directions[:, solid], t[solid]
    uv, normals, number, materials = gather_surfaces(scene, camera, rays, depth, index[solid])
    points = camera.position[:, None] + rays * depth
    length = np.sqrt((rays * rays).sum(0))
    facing = (normals * rays).sum(0) / length
    normals = np.where(facing > 0, -normals, normals)
    base = texture(
        scene.atlas, materials, number, uv, depth / camera.focal_px / np.maximum(np.abs(facing), 0.15) ** 0.7
    )
    lit = shadow(scene, camera, directions, t, index)[solid]
    gloss = np.array([material.gloss for material in materials], np.float32)[number]
    glow = np.array([material.glow for material in materials], np.float32)[number]
    light, shine = scene.light.at(points, normals, rays / length, lit)
    shaded = base * (light + glow)[:, None] + (gloss * shine)[:, None]
    if scene.fog:
        clear = np.exp(-np.minimum(depth, FAR) * scene.fog)[:, None]
        shaded = shaded * clear + scene.fog_color * (1 - clear)
    color[solid] = shaded
    return color


def texture(atlas, materials, number, uv, footprint):
    """Base colours, N x 3."""

    def of(name):
        return np.array([getattr(material, name) for material in materials])[number]

    scale = 256 / of("scale")
    offset = np.array([material.offset for material in materials], np.float32)[number].T
    texels = atlas.sample(np.maximum(of("texture"), 0), uv * scale + offset, footprint * scale)
    tint = np.array([material.color for material in materials], np.float32)[number]
    mix = np.where(of("texture") < 0, 1, of("mix")).astype(np.float32)[:, None]
    grain = np.where(of("texture") < 0, 1, texels.mean(1) + 0.3).astype(np.float32)[:, None]
    return texels * (1 - mix) + tint * mix * grain


def shadow(scene, camera, directions, t, index):
    """How much of the light reaches each pixel: rays to the light from every third pixel, then smoothed."""
    if not scene.light.casts:
        return np.ones(len(t), np.float32)
    height, width = camera.height, camera.width
    grid = (np.arange(0, height, SHADOW_STEP)[:, None] * width + np.arange(0, width, SHADOW_STEP)).ravel()
    points = camera.position[:, None] + directions[:, grid] * np.minimum(t[grid], FAR)
    toward, distance = scene.light.toward(points)
    points = points + toward * 0.01 - directions[:, grid] * (0.002 * np.minimum(t[grid], 50))
    areas = np.prod(scene.windows[:, 1::2] - scene.windows[:, ::2], axis=1)
    areas[[isinstance(primitive, (Ground, Shell)) for primitive in scene.primitives]] = 0
    lit = np.ones(len(grid), np.float32)
    for number in np.argsort(-areas)[:SHADOW_CASTERS]:
        if areas[number] < 60:
            break
        lit[scene.primitives[number].hit(points, toward) < distance] = 0
    lit = lit.reshape(-1, len(range(0, width, SHADOW_STEP)))
    lit = np.repeat(np.repeat(lit, SHADOW_STEP, 0), SHADOW_STEP, 1)[:height, :width]
    return smooth(smooth(lit, 2), 1).ravel()


def smooth(values, radius):
    """Box average of 2 * radius + 1 in both directions, edges repeated."""
    for axis in (0, 1):
        pad = [(0, 0)] * values.ndim
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float32)
        size = values.shape[axis]
        span = 2 * radius + 1
        values = (np.take(total, range(span, span + size), axis) - np.take(total, range(size), axis)) / span
    return values
