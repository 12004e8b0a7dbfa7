"""What is known of a picture's classes, and pictures with it to learn from.

No source knows all: COCO's maps have no sky, the teacher neither, crowds are one blob, and of most photographs one
knows only that there is no sky. So truth is a set: `allowed` has, for each pixel, one bit for each class that it may
be of (1 << class). All bits = unknown. The loss asks only that the answer lies in the set.
"""

import functools
import os

import numpy as np
from PIL import Image

from training import paths
from training.pictures import load_picture
from training.scenes import ANIMAL, CLASSES, PERSON, REST, SKY, VEHICLE
from training.scenes.cache import SceneCache
from training.sky_flood import flood_sky, read_leaks
from training.teachers import cache_path

ANY = (1 << len(CLASSES)) - 1
THINGS = (PERSON, ANIMAL, VEHICLE)
MASKS = "photos/training/masks"


def mask_path(name):
    return paths.data_path(MASKS, os.path.splitext(os.path.basename(name))[0] + ".png")


def load_mask(name):
    """COCO's map of a photograph: 0 nothing that COCO counts, 1..3 as our classes, 4 other things, +8 crowds."""
    with Image.open(mask_path(name)) as file:
        return np.asarray(file.convert("L"))


def photos_with_mask(names):
    return [name for name in names if os.path.exists(mask_path(name))]


def allowed_by_mask(mask, sky):
    """`sky`: yes, no or unsure, whether the photograph shows any."""
    allowed = np.full(mask.shape, ANY, np.uint8)
    allowed[mask == 0] = 1 << REST | (0 if sky == "no" else 1 << SKY)
    allowed[mask == 4] = 1 << REST
    for kind in THINGS:
        allowed[mask == kind] = 1 << kind
    return allowed


SKY_MARGIN = 0.08
SMALLEST_SKY = 0.02
# The part of a photograph that a class must cover to count as there.
PRESENT = 0.01


def add_sky(allowed, flood):
    """What the flood reached is sky, if nothing says otherwise; well below its lowest place there is none.

    Between the two is what it did not get through: clouds' outlines, twigs, and all that stands before the sky.
    """
    rows = (np.arange(len(allowed)) * len(flood) / len(allowed)).astype(int)
    columns = (np.arange(allowed.shape[1]) * flood.shape[1] / allowed.shape[1]).astype(int)
    is_sky = flood[rows[:, None], columns] & (allowed >> SKY & 1 > 0)
    result = np.where(is_sky, 1 << SKY, allowed)
    if flood.mean() > SMALLEST_SKY:
        lowest = np.flatnonzero(flood.any(1))[-1] / len(flood)
        below = int((lowest + SKY_MARGIN) * len(allowed))
        without = result[below:] & ~np.uint8(1 << SKY)
        result[below:] = np.where(without == 0, result[below:], without)
    return result.astype(np.uint8)


class SkyFinder:
    """Adds the sky to what is known of a photograph's classes, if it shows one that a flood finds."""

    def __init__(self):
        self.tags, self.leaks = paths.read_photo_list(), read_leaks()

    def add(self, allowed, name, picture):
        if self.tags[name]["sky"] != "yes" or name in self.leaks:
            return allowed
        return add_sky(allowed, flood_sky(picture))


class SceneClasses:
    """Exact truth everywhere."""

    def __init__(self, folder, seed, count):
        self.cache, self.count = SceneCache(folder, seed), count

    def prepare(self):
        self.cache.prepare(self.count)

    def get(self, number):
        picture, _, classes, _ = self.cache.get(number)
        return {"picture": picture, "allowed": np.left_shift(1, classes).astype(np.uint8), "real": 0.0}


def by_rarity(maps):
    """How often to draw each photograph: animals are in few of them, and must be seen as often as people."""
    present = np.array([[(allowed == 1 << kind).mean() > PRESENT for kind in THINGS] for allowed in maps])
    rarity = (len(present) / present.sum(0).clip(1)) ** 0.5
    shares = (present * rarity).max(1).clip(1)
    return shares / shares.sum()


class MaskedPhotos:
    """Photographs whose people, animals and vehicles COCO's annotators outlined. Few, so they are varied strongly."""

    smallest = 0.35

    def __init__(self):
        self.finder = SkyFinder()
        self.names = photos_with_mask(paths.training_photos())
        self.count = len(self.names)
        self.shares = by_rarity(allowed_by_mask(load_mask(name), "no") for name in self.names)

    @functools.lru_cache(maxsize=None)
    def get(self, number):
        name = self.names[number]
        picture = load_picture(paths.data_path(name))
        allowed = allowed_by_mask(load_mask(name), self.finder.tags[name]["sky"])
        return {"picture": picture, "allowed": self.finder.add(allowed, name, picture), "real": 1.0}

    def vary(self, sample, rng):
        return self.paste_one(sample, rng) if rng.random() < 0.5 else sample

    def paste_one(self, sample, rng):
        return paste(sample, self.get(int(rng.integers(self.count))), rng)


def paste(sample, other, rng):
    """All people, animals and vehicles of another photograph put in front, of any size, and cut by the frame."""
    height, width = sample["picture"].shape[:2]
    scale = np.exp(rng.uniform(-0.9, 0.6)) * max(height, width) / max(other["allowed"].shape)
    size = [max(8, round(side * scale)) for side in other["allowed"].shape[::-1]]
    turn = Image.FLIP_LEFT_RIGHT if rng.random() < 0.5 else None

    def fit(plane, how):
        image = Image.fromarray(plane).resize(size, how)
        return np.asarray(image.transpose(turn) if turn is not None else image)

    allowed = fit(other["allowed"], Image.NEAREST)
    top = int(rng.integers(min(0, height - size[1]), max(0, height - size[1]) + 1))
    left = int(rng.integers(min(0, width - size[0]), max(0, width - size[0]) + 1))
    own = np.s_[max(0, top) : top + size[1], max(0, left) : left + size[0]]
    theirs = np.s_[max(0, -top) : height - top, max(0, -left) : width - left]
    things = np.isin(allowed, [1 << kind for kind in THINGS])[theirs]
    result = dict(sample, picture=sample["picture"].copy(), allowed=sample["allowed"].copy())
    result["picture"][own][things] = fit(other["picture"], Image.BILINEAR)[theirs][things]
    result["allowed"][own][things] = allowed[theirs][things]
    return result


# A class that gets less of all shares than this is out.
DOUBT = 0.12


def allowed_by_answers(teacher, student, sky):
    """The classes that teacher and student together do not rule out; where they are sure and agree, one remains.

    4 x H x W and 5 x H x W of 0..1, the student perhaps None. The teacher's rest is rest or sky, as the student says.
    The teacher misses close faces, so its word counts half of the student's.
    """
    if student is None:
        student = np.concatenate([teacher, teacher[:1]])
        weight = 0.0
    else:
        weight = 2 / 3
    part = 0.0 if sky == "no" else (student[SKY] + 1e-3) / (student[REST] + student[SKY] + 2e-3)
    shares = (1 - weight) * np.concatenate([teacher, teacher[:1] * part]) + weight * student
    shares[REST] -= (1 - weight) * teacher[REST] * part
    if sky == "no":
        shares[SKY] = 0
    if sky == "unsure":
        shares[[REST, SKY]] = shares[REST] + shares[SKY]
    bits = (1 << np.arange(len(CLASSES)))[:, None, None]
    allowed = (bits * (shares > DOUBT)).sum(0)
    return np.where(allowed == 0, ANY, allowed).astype(np.uint8)


class LabelledPhotos:
    """Photographs without a map of COCO's, with what the teacher and perhaps a student of ours say of them."""

    smallest = 0.5

    def __init__(self, cache, masked):
        self.cache, self.masked, self.finder = cache, masked, SkyFinder()
        names = [name for name in paths.training_photos() if name in self.finder.tags]
        self.names = sorted(set(names) - set(photos_with_mask(names)))
        self.count = len(self.names)
        self.shares = by_rarity(self.allowed(name) for name in self.names)

    def answer(self, teacher, name):
        path = cache_path(self.cache, teacher, name)
        return np.load(path).astype(np.float32) / 255 if os.path.exists(path) else None

    def allowed(self, name):
        teacher = self.answer("deeplab", name)
        if teacher is None:
            raise SystemExit("%s has no labels; run training.class_labels first" % name)
        return allowed_by_answers(teacher, self.answer("segment", name), self.finder.tags[name]["sky"])

    def get(self, number):
        name = self.names[number]
        picture = load_picture(paths.data_path(name))
        allowed = self.finder.add(self.allowed(name), name, picture)
        # As large as the picture, so that things can be pasted.
        large = np.asarray(Image.fromarray(allowed).resize(picture.shape[1::-1], Image.NEAREST))
        return {"picture": picture, "allowed": large, "real": 1.0}

    def vary(self, sample, rng):
        return self.masked.paste_one(sample, rng) if rng.random() < 0.25 else sample
