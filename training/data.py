"""Batches to learn from. Batch n of a seed is always the same, whoever makes it.

A source has `count` samples and perhaps `shares`, how often each is drawn, `smallest`, the least window's share of the
picture's side, and `vary(sample, rng)`, changes of its own. A sample is a dictionary: `picture`, H x W x 3
of uint8; planes, H x W of any number type; and numbers that hold for the whole picture. A sample's planes may be of
other sizes than its picture. A source whose samples are more than that cuts and develops them itself, with
`draw(number, size, rng)`.
"""

import io

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from training import paths
from training.pictures import load_depth, load_picture, resize_area
from training.scenes.cache import SceneCache
from training.teachers import load_vote


class GeneratedScenes:
    """Exact truth everywhere."""

    def __init__(self, folder, seed, count):
        self.cache, self.count = SceneCache(folder, seed), count

    def prepare(self):
        self.cache.prepare(self.count)

    def get(self, number):
        picture, depth, _, _ = self.cache.get(number)
        return {"picture": picture, "depth": depth, "weight": np.ones_like(depth), "exact": 1.0, "measured": 1.0}


class MeasuredDepth:
    """Real and rendered pictures with depth; outlines of sensors are ragged, so it is not called exact."""

    def __init__(self):
        self.names = paths.training_rgbd()
        # Large sets are many views of one room: each set counts by the root of its size.
        sets = [name.split("/")[1] for name in self.names]
        self.shares = np.array([sets.count(one) ** -0.5 for one in sets])
        self.shares /= self.shares.sum()
        self.count = len(self.names)

    def get(self, number):
        path = paths.data_path(self.names[number])
        picture, depth = load_picture(path), load_depth(path[:-3] + "png")
        return {
            "picture": picture,
            "depth": depth,
            "weight": (depth > 0).astype(np.float32),
            "exact": 0.0,
            "measured": 1.0,
        }


class VotedPhotos:
    """Photographs with what the teachers agree on."""

    smallest = 0.7

    def __init__(self, cache):
        self.cache = cache
        self.kinds = paths.photo_kinds()
        self.names = [name for name in paths.training_photos() if name in self.kinds]
        # Most photographs are taken outdoors, where depth is easy: each kind counts by the root of its number.
        kinds = [self.kinds[name] for name in self.names]
        self.shares = np.array([kinds.count(kind) ** -0.5 for kind in kinds])
        self.shares /= self.shares.sum()
        self.count = len(self.names)

    def get(self, number):
        picture = load_picture(paths.data_path(self.names[number]))
        voted = load_vote(self.cache, self.names[number], self.kinds[self.names[number]])
        if voted is None:
            raise SystemExit("%s has no labels; run training.teachers first" % self.names[number])
        return {"picture": picture, "depth": voted[0], "weight": voted[1], "exact": 0.0, "measured": 0.0}


def cut(sample, size, rng, smallest):
    """A random window of the target's shape, mirrored half of the time, at the target's size."""
    height, width = sample["picture"].shape[:2]
    shape = size[1] / size[0] * np.exp(rng.uniform(-0.15, 0.15))
    scale = rng.uniform(smallest, 1)
    wide = min(width, height * shape) * scale / width
    high = wide * width / shape / height
    x, y = rng.uniform(0, 1 - wide), rng.uniform(0, 1 - min(high, 1))
    mirrored = rng.random() < 0.5

    def window(plane):
        rows, columns = plane.shape[:2]
        top, left = int(y * rows), int(x * columns)
        part = plane[top : max(top + 1, int((y + high) * rows)), left : max(left + 1, int((x + wide) * columns))]
        return part[:, ::-1] if mirrored else part

    picture = torch.from_numpy(np.ascontiguousarray(window(sample["picture"]))).permute(2, 0, 1)[None].float()
    result = {"picture": resize_area(picture, size)[0].permute(1, 2, 0).numpy()}
    for name, value in sample.items():
        if name == "picture":
            continue
        if np.ndim(value) == 0:
            result[name] = np.float32(value)
            continue
        # Never a mean of two depths or classes: the nearest value.
        part = window(value)
        rows = ((np.arange(size[0]) + 0.5) * part.shape[0] / size[0]).astype(int)
        columns = ((np.arange(size[1]) + 0.5) * part.shape[1] / size[1]).astype(int)
        result[name] = part[rows[:, None], columns].astype(np.float32)
    return result


def recolour(picture, rng):
    """What cameras do to colours, 0..1."""
    if rng.random() < 0.8:
        picture = picture ** np.exp(rng.uniform(-0.4, 0.4))
        picture = picture * (1 + rng.uniform(-0.18, 0.18, 3) * (rng.random() < 0.6))
        grey = picture.mean(2, keepdims=True)
        picture = grey + (picture - grey) * rng.uniform(0.3, 1.3)
        picture = 0.5 + (picture - 0.5) * rng.uniform(0.7, 1.3) + rng.uniform(-0.1, 0.1)
    if rng.random() < 0.07:
        picture = np.repeat(picture.mean(2, keepdims=True), 3, 2)
    return picture


def develop(picture, rng):
    """What cameras and files do to a picture: colours, noise, JPEG. 0..255 in, 0..1 out."""
    picture = recolour(np.clip(picture, 0, 255) / 255, rng)
    if rng.random() < 0.5:
        picture = picture + rng.normal(0, rng.uniform(0, 0.035), picture.shape)
    if rng.random() < 0.12:
        picture = (np.roll(picture, 1, 0) + picture + np.roll(picture, 1, 1) + np.roll(picture, (1, 1), (0, 1))) / 4
    bytes_ = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    if rng.random() < 0.3:
        file = io.BytesIO()
        Image.fromarray(bytes_).save(file, "JPEG", quality=int(rng.integers(25, 92)))
        bytes_ = np.asarray(Image.open(file))
    return bytes_.astype(np.float32) / 255


class Batches(Dataset):
    """`recipe`: seed, sizes, shares of the sources by name; and pixels of all pictures of a batch, or its `batch_size`."""

    def __init__(self, recipe, sources):
        self.recipe, self.sources = recipe, sources
        self.names = sorted(recipe["shares"])
        shares = np.array([recipe["shares"][name] for name in self.names], float)
        self.shares = shares / shares.sum()

    def __len__(self):
        return self.recipe["steps"]

    def __getitem__(self, step):
        rng = np.random.default_rng([self.recipe["seed"], 17, step])
        sizes = self.recipe["sizes"]
        size = sizes[rng.integers(len(sizes))]
        count = self.recipe.get("batch_size") or max(2, round(self.recipe["pixels"] / (size[0] * size[1])))
        samples = [self.sample(size, rng) for _ in range(count)]
        return {name: torch.from_numpy(np.stack([sample[name] for sample in samples])) for name in samples[0]}

    def sample(self, size, rng):
        name = self.names[rng.choice(len(self.names), p=self.shares)]
        source = self.sources[name]
        number = int(rng.choice(source.count, p=getattr(source, "shares", None)))
        if hasattr(source, "draw"):
            return source.draw(number, size, rng)
        made = source.get(number)
        if hasattr(source, "vary"):
            made = source.vary(made, rng)
        result = cut(made, size, rng, getattr(source, "smallest", 0.6))
        result["picture"] = np.ascontiguousarray(develop(result["picture"], rng).transpose(2, 0, 1))
        return result


def make_loader(recipe, sources, first_step):
    """Batches first_step, first_step + 1, ... in order, made by recipe["workers"] processes ahead of time."""
    for name in recipe["shares"]:
        # Before the processes part, so that they share its memory.
        getattr(sources[name], "prepare", lambda: None)()
    return DataLoader(
        Batches(recipe, sources), batch_size=None, sampler=range(first_step, recipe["steps"]),
        num_workers=recipe["workers"],
    )
