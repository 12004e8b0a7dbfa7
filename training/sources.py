"""Pictures with disparity in pixels, from wherever they come, for the published networks: whole, or as moved views.

A configuration's `data` names them: {"NAME": {"kind": KIND, ...}}, what else is there being the kind's own arguments.
A random share of each, `held_out`, is never learnt from.
"""

import os

import numpy as np

from training.archives import Archives
from training.depth_files import BadFile, decode_picture, read_bytes
from training.depth_folders import PICTURES, DepthFolder
from training.disocclusion import ROOM, back_and_forth, cut, draw_motion, make_sample
from training.scenes.cache import SceneCache

# An object map of pictures whose objects nobody has told yet.
UNTOLD = -1


class Generated:
    """Our scenes; the nearest surface has `largest` pixels of disparity."""

    def __init__(self, folder, seed, count, size=(384, 288), largest=40):
        self.cache, self.count, self.largest = SceneCache(folder, seed, size), count, largest

    def get(self, number):
        picture, depth, _, instances = self.cache.get(number)
        return {
            "picture": picture,
            "disparity": depth * self.largest,
            "weight": np.ones_like(depth),
            "objects": instances.astype(np.float32),
        }


class Pictures:
    """Pictures in folders and their folders, as ImageNet's, without depth: for a mask loss."""

    def __init__(self, path):
        walk = sorted(os.walk(path))
        self.paths = [os.path.join(where, name) for where, _, names in walk for name in sorted(names)]
        self.paths = [one for one in self.paths if one.lower().endswith(PICTURES)]
        self.count = len(self.paths)
        if not self.paths:
            raise BadFile("%s: holds no pictures" % path)

    def get(self, number):
        picture = decode_picture(read_bytes(self.paths[number]), self.paths[number])
        unknown = np.zeros(picture.shape[:2], np.float32)
        return {"picture": picture, "disparity": unknown, "weight": unknown}


KINDS = {"archives": Archives, "folder": DepthFolder, "generated": Generated, "pictures": Pictures}


def open_source(kind, **arguments):
    return KINDS[kind](**arguments)


def open_data(config):
    """Name to source, of all that the configuration names."""
    try:
        return {name: open_source(**spec) for name, spec in config["data"].items()}
    except (BadFile, KeyError, TypeError) as error:
        raise SystemExit("data: %s" % error)


def split(source, share):
    """Which samples are learnt from, and which are judged."""
    order = np.random.default_rng(111).permutation(source.count)
    judged = max(1, round(source.count * share))
    return order[judged:], order[:judged]


class Whole:
    """Samples as they are. `is_masked`: whether a mask loss is for them."""

    def __init__(self, source, numbers, is_masked):
        self.source, self.numbers, self.count, self.is_masked = source, numbers, len(numbers), is_masked

    def get(self, number):
        sample = self.source.get(int(self.numbers[number]))
        sample.setdefault("objects", np.full(sample["disparity"].shape, UNTOLD, np.float32))
        return {**sample, "masked": float(self.is_masked)}


def check_size(shape, size):
    if shape[0] < size[0] or shape[1] < size[1]:
        raise BadFile("a picture of %d x %d is smaller than the window of %d x %d; name others, --set sizes=[[H,W]]" % (
            *shape[1::-1], *size[::-1]
        ))


class Corners:
    """What one corner view hides and another shows: truth for every hole."""

    def __init__(self, source, numbers):
        self.source, self.numbers, self.count = source, numbers, len(numbers)

    def draw(self, number, size, rng):
        (color, depth), (truth, truth_depth), motion = self.source.pair(int(self.numbers[number]), rng)
        check_size(depth.shape, size)
        whole = [plane.astype(np.float32) for plane in (color, depth, truth, truth_depth)]
        return make_sample(*whole, np.array([*motion, 0.0]), size, rng)


class Moved:
    """One picture is the truth. It is moved to where another camera would have stood, and from there back."""

    def __init__(self, source, numbers):
        self.source, self.numbers, self.count = source, numbers, len(numbers)

    def window(self, number, size, rng):
        """A piece of a picture and its disparity, from 0 to 1; where nothing is known it is infinitely far."""
        sample = self.source.get(int(self.numbers[number]))
        height, width = sample["disparity"].shape
        if sample["picture"].shape[:2] != (height, width):
            raise BadFile("picture %d and its depth are not of one size" % number)
        check_size((height, width), size)
        room = [min(side + ROOM, whole) for side, whole in zip(size, (height, width))]
        color, depth = cut([sample["picture"].astype(np.float32), sample["disparity"]], room, rng)
        return color, depth / max(float(depth.max()), 1e-6)

    def draw(self, number, size, rng):
        truth, depth = self.window(number, size, rng)
        source, source_depth, motion = back_and_forth(truth, depth, rng)
        return make_sample(source, source_depth, truth, depth, motion, size, rng)


class Ahead(Moved):
    """A moved view of which no truth is known: in its place stands the source, to tell what real pictures are like."""

    def draw(self, number, size, rng):
        color, depth = self.window(number, size, rng)
        motion = draw_motion(rng, depth.shape)
        return make_sample(color, depth, color, depth, motion, size, rng)


VIEWS = {"corners": Corners, "moved": Moved, "ahead": Ahead}
