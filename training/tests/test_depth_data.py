"""Data sets in the layouts that they are published in: small files that the tests make, right ones and broken ones."""

import csv
import importlib.util
import io
import json
import os
import pickle
import tempfile
import unittest
import zipfile

import numpy as np
from PIL import Image

from training.archives import CORNERS, SINGLE, VIEWS, Archives, write_tables
from training.depth_files import BadFile, decode_depth, to_disparity
from training.depth_folders import DepthFolder
from training.scenes.archives import encode_png, write_archives
from training.scenes.cache import SceneCache
from training.scenes.library import Library
from training.sources import Ahead, Corners, Generated, Moved, Pictures, split
from training.warp import move

HAS_EXR = importlib.util.find_spec("OpenEXR") is not None
HAS_H5 = importlib.util.find_spec("h5py") is not None
SIDE = 64
# Of 90 degrees: the focal length is half a side.
FOCAL = SIDE / 2


def card(view, near=100.0, far=400.0):
    """A square before a wall, 20 units between the views; colours tell the place on their surface."""
    left, top = 20 + (-4 if "r" in view else 0), 24 + (-4 if "b" in view else 0)
    depth = np.full((SIDE, SIDE), far, np.float32)
    row, column = np.mgrid[:SIDE, :SIDE]
    color = np.stack([row + ("b" in view), column + ("r" in view), np.zeros_like(row)], 2).astype(np.uint8)
    window = slice(top, top + 20), slice(left, left + 20)
    depth[window] = near
    color[window] = 200
    return color, depth


def encode_npy(depth):
    file = io.BytesIO()
    np.save(file, depth)
    return file.getvalue()


def cards(count=2):
    return [({view: card(view, near=100.0 + number) for view in VIEWS}, 90.0) for number in range(count)]


def write_shots(folder, shots):
    """As training.scenes.archives does, with depth that any Python reads as well."""
    with zipfile.ZipFile(os.path.join(folder, "a-walking.zip"), "w") as images, zipfile.ZipFile(
        os.path.join(folder, "a-walking-depth.zip"), "w"
    ) as depths:
        for number, (views, degrees) in enumerate(shots):
            for view, (color, depth) in views.items():
                images.writestr("%05d-%s-image.png" % (number, view), encode_png(color))
                depths.writestr("%05d-%s-depth.exr" % (number, view), b"no EXR: the table is written by names alone")
                depths.writestr("%05d-%s-depth.npy" % (number, view), encode_npy(depth))
            images.writestr("%05d-meta.json" % number, json.dumps({"fltFov": degrees}))
    return write_tables(folder)


def change_table(folder, old, new, name="dataset_inpainting.csv"):
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))
    return path


class InFolder(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = kept.name


class KenBurnsArchives(InFolder):
    def test_the_two_tables(self):
        self.assertEqual(write_shots(self.folder, cards()), 2)
        for name, columns, count in (("dataset.csv", SINGLE, 8), ("dataset_inpainting.csv", CORNERS, 2)):
            with open(os.path.join(self.folder, name), newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file)
                self.assertEqual(len(list(reader)), count)
                self.assertEqual(tuple(reader.fieldnames), columns)
        self.assertEqual(
            CORNERS, tuple(
                "zip_image_path zip_depth_path image_tl_path image_tr_path image_bl_path image_br_path "
                "depth_tl_path depth_tr_path depth_bl_path depth_br_path fltFov".split()
            ),
        )

    def test_disparity_of_the_two_tables(self):
        write_shots(self.folder, cards())
        for name, number in (("dataset.csv", 5), ("dataset_inpainting.csv", 5)):
            source = Archives(change_table(self.folder, ".exr", ".npy", name))
            self.assertEqual(source.count, 8)
            sample = source.get(number)
            color, depth = card(VIEWS[1], near=101.0)
            np.testing.assert_array_equal(sample["picture"], color)
            np.testing.assert_allclose(sample["disparity"], FOCAL * 20 / depth, rtol=1e-5)

    def test_a_corner_view_is_the_other_one_moved(self):
        write_shots(self.folder, cards())
        source = Archives(change_table(self.folder, ".exr", ".npy"))
        seen = set()
        for seed in range(12):
            (color, depth), (truth, truth_depth), motion = source.pair(seed % 4, np.random.default_rng(seed))
            seen.add(tuple(motion))
            largest = float(depth.max())
            view = move(depth / largest, (motion[0] * largest, motion[1] * largest, 0))
            error = np.abs(view.depth * largest - truth_depth)[view.known]
            self.assertLess(np.quantile(error, 0.9), 0.1)
            hole = ~view.known & (view.ends == 2)
            self.assertGreater(hole.sum(), 10)
        self.assertGreater(len(seen), 5)

    def test_windows_to_learn_from(self):
        write_shots(self.folder, cards())
        source = Archives(change_table(self.folder, ".exr", ".npy"))
        learnt, judged = split(source, 0.25)
        self.assertEqual(sorted([*learnt, *judged]), list(range(8)))
        self.assertEqual(len(judged), 2)
        for kind in (Corners, Moved, Ahead):
            made = kind(source, learnt).draw(1, (48, 48), np.random.default_rng(3))
            self.assertEqual(made["truth"].shape, (3, 48, 48))
            self.assertTrue(0 < made["known"].mean() < 1)
        for kind in (Corners, Moved):
            with self.assertRaisesRegex(BadFile, "64 x 64 is smaller than the window of 80 x 48"):
                kind(source, learnt).draw(1, (48, 80), np.random.default_rng(3))
        pickle.dumps(Archives(source.path))

    @unittest.skipUnless(HAS_EXR, "needs OpenEXR")
    def test_archives_with_exr(self):
        shots = [({view: card(view) for view in VIEWS}, 90.0)]
        shots[0][0]["tl"][1][0, :5] = np.inf
        self.assertEqual(write_archives(self.folder, shots), 1)
        sample = Archives(os.path.join(self.folder, "dataset.csv")).get(0)
        np.testing.assert_allclose(sample["disparity"][30, 30], FOCAL * 20 / 100, rtol=1e-6)
        np.testing.assert_array_equal(sample["disparity"][0, :5], 0)
        np.testing.assert_array_equal(sample["weight"], 1)

    def test_broken_ones_are_named(self):
        write_shots(self.folder, cards())
        path = change_table(self.folder, ".exr", ".npy")
        Archives(path).get(0)
        if HAS_EXR:
            with self.assertRaisesRegex(BadFile, "00000-tl-depth.exr: no depth map"):
                Archives(os.path.join(self.folder, "dataset.csv")).get(0)
        for old, new, wrong in (
            ("00000-tl-image.png", "7-tl-image.png", "a-walking.zip: holds no 7-tl-image.png"),
            ("a-walking-depth", "elsewhere", "elsewhere.zip: .*No such file"),
            ("90.0", "wide", "fltFov of .* is no number"),
            ("image_tl_path", "other", "dataset_inpainting.csv: its columns"),
        ):
            changed = change_table(self.folder, old, new)
            with self.assertRaisesRegex(BadFile, wrong):
                Archives(changed).get(0)
            change_table(self.folder, new, old)
        single = Archives(os.path.join(self.folder, "dataset.csv"))
        with self.assertRaisesRegex(BadFile, "has no corner views"):
            single.pair(0, np.random.default_rng(1))
        with open(os.path.join(self.folder, "a-walking.zip"), "r+b") as file:
            file.truncate(300)
        with self.assertRaisesRegex(BadFile, "a-walking.zip: File is not a zip file"):
            Archives(path).get(0)


class Folders(InFolder):
    def write(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def make(self, ending, data, **arguments):
        self.write("images/one.png", encode_png(card("tl")[0]))
        self.write("depth/one" + ending, data)
        return DepthFolder(self.folder, 512, 74, **arguments)

    def check(self, source, depth):
        sample = source.get(0)
        np.testing.assert_array_equal(sample["picture"], card("tl")[0])
        np.testing.assert_allclose(sample["disparity"], 512 * 74 / depth, rtol=1e-5)

    def test_grey_of_16_bits(self):
        file = io.BytesIO()
        depth = card("tl")[1].astype(np.uint16)
        Image.fromarray(np.where(np.arange(SIDE) < 3, 0, depth).astype(np.uint16)).save(file, "PNG")
        sample = self.make(".png", file.getvalue()).get(0)
        # What nobody measured is unknown, not near.
        np.testing.assert_array_equal(sample["weight"], np.broadcast_to(np.arange(SIDE) >= 3, (SIDE, SIDE)))
        np.testing.assert_allclose(sample["disparity"][:, 3:], (512 * 74 / depth)[:, 3:], rtol=1e-5)

    def test_numpy(self):
        self.check(self.make(".npy", encode_npy(card("tl")[1])), card("tl")[1])

    @unittest.skipUnless(HAS_EXR, "needs OpenEXR")
    def test_exr(self):
        from training.scenes.archives import encode_exr

        source = self.make(".exr", encode_exr(card("tl")[1]))
        self.check(source, card("tl")[1])

    @unittest.skipUnless(HAS_H5, "needs h5py")
    def test_h5(self):
        import h5py

        file = io.BytesIO()
        with h5py.File(file, "w") as kept:
            kept["depth"] = card("tl")[1]
        self.check(self.make(".h5", file.getvalue()), card("tl")[1])

    def test_masks(self):
        self.write("masks/one.png", encode_png((card("tl")[1] < 200).astype(np.uint8)))
        objects = self.make(".npy", encode_npy(card("tl")[1])).get(0)["objects"]
        np.testing.assert_array_equal(objects, card("tl")[1] < 200)

    def test_broken_ones_are_named(self):
        endings = [".png", ".npy"] + [".exr"] * HAS_EXR + [".h5"] * HAS_H5
        for ending in endings:
            source = self.make(ending, b"these are not pixels")
            with self.assertRaisesRegex(BadFile, "depth/one%s: no depth map" % ending):
                source.get(0)
            os.remove(os.path.join(self.folder, "depth", "one" + ending))
        for data, wrong in ((encode_npy(np.zeros(3)), "float64"), (encode_npy(np.zeros((2, 2), complex)), "complex128")):
            with self.assertRaisesRegex(BadFile, "one.npy: no depth map but .*" + wrong):
                decode_depth(data, "one.npy")
        source = self.make(".npy", encode_npy(card("tl")[1]))
        self.write("images/one.png", b"nor is this")
        with self.assertRaisesRegex(BadFile, "images/one.png: not a picture"):
            source.get(0)
        self.write("images/two.png", encode_png(card("tl")[0]))
        with self.assertRaisesRegex(BadFile, "has no depth for two.png"):
            DepthFolder(self.folder, 1, 1)
        with self.assertRaisesRegex(BadFile, "nowhere/images: No such file"):
            DepthFolder(os.path.join(self.folder, "nowhere"), 1, 1)

    def test_pictures_of_classes(self):
        for name in ("dogs/a.png", "cats/b.png"):
            self.write(name, encode_png(card("tl")[0]))
        source = Pictures(self.folder)
        self.assertEqual(source.count, 2)
        self.assertEqual(source.get(1)["weight"].sum(), 0)

    def test_generated_scenes(self):
        library = Library(drawn=12, outlines=3)
        cache = SceneCache(self.folder, 5, (160, 128), library)
        _, depth, _, instances = cache.get(0)
        source = Generated(self.folder, 5, 1, (160, 128))
        sample = source.get(0)
        np.testing.assert_allclose(sample["disparity"], 40 * depth)
        np.testing.assert_array_equal(sample["objects"], instances)
        made = Moved(source, [0]).draw(0, (48, 64), np.random.default_rng(2))
        self.assertEqual(made["truth"].shape, (3, 48, 64))

    def test_far_and_unknown(self):
        disparity, known = to_disparity(np.array([[np.inf, 2, 0, -1, np.nan]], np.float32), 3, 4)
        np.testing.assert_array_equal(disparity, [[0, 6, 0, 0, 0]])
        np.testing.assert_array_equal(known, [[1, 1, 0, 0, 0]])


if __name__ == "__main__":
    unittest.main()
