"""The benchmarks' errors have their known values, and their readers read files as they are published."""

import contextlib
import importlib.util
import io
import os
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch
from PIL import Image

from training.benchmarks import __main__ as benchmarks
from training.benchmarks import errors, ibims, nyu, stereo
from training.depth_files import BadFile

HAS_FILES = all(importlib.util.find_spec(name) for name in ("h5py", "scipy"))
SIZE = 60, 80
CALIBRATION = np.array([[70.0, 0, 0], [0, 70, 0], [39.5, 29.5, 1]])


def room():
    """A wall of 4 metres, a nearer box of 2 and a floor that rises towards the camera."""
    depth = np.full(SIZE, 4.0)
    row = np.arange(*SIZE[:1])[:, None].repeat(SIZE[1], 1)
    floor = row > 44
    # A plane one metre below the camera.
    depth[floor] = np.minimum(70.0 / (row[floor] - 29.5), 4)
    box = np.zeros(SIZE, bool)
    box[10:40, 30:50] = True
    depth[box] = 2
    return depth, box, floor & (depth < 4)


class Errors(unittest.TestCase):
    def test_known_values(self):
        truth, known = np.full((4, 4), 2.0), np.ones((4, 4), bool)
        found = errors.depth_errors(truth * 1.5, truth, known)
        expected = {"abs_rel": 0.5, "sq_rel": 0.5, "rms": 1, "log10": np.log10(1.5)}
        expected.update(delta1=0, delta2=1, delta3=1)
        self.assertEqual(set(found), set(errors.DEPTH))
        for name, value in expected.items():
            self.assertAlmostEqual(found[name], value, msg=name)
        truth[0, 0] = 99
        known[0, 0] = False
        self.assertAlmostEqual(errors.depth_errors(truth * 1.5, truth, known)["rms"], 1)

    def test_scale_and_shift_are_fitted_away(self):
        truth, _, _ = room()
        known = np.ones(SIZE, bool)
        for kind, answer in (("depth", 1 / (3 * truth + 0.5)), ("inverse", 5 / truth + 2)):
            np.testing.assert_allclose(errors.to_metres(answer, truth, known, kind), truth, rtol=1e-6)

    @unittest.skipUnless(HAS_FILES, "needs SciPy")
    def test_outlines(self):
        truth, box, _ = room()
        flat = np.where(box, 2.0, 4.0)
        edges = errors.canny((flat - 2) / 2)
        self.assertTrue(80 <= edges.sum() <= 110)
        self.assertEqual(errors.outline_errors(flat, edges), {"dbe_acc": 0, "dbe_com": 0})
        moved = errors.outline_errors(np.roll(flat, 3, 1), edges)
        # The upright sides are three pixels off, the others on their line.
        self.assertTrue(1 < moved["dbe_acc"] < 2 and 1 < moved["dbe_com"] < 2, moved)
        self.assertEqual(errors.outline_errors(np.full(SIZE, 3.0), edges), {"dbe_acc": 10, "dbe_com": 10})

    def test_planes(self):
        truth, _, floor = room()
        calibration = 70.0, 70.0, 39.5, 29.5
        right = errors.plane_errors(truth, truth, floor, calibration)
        self.assertAlmostEqual(right["pe_fla"], 0, places=6)
        self.assertAlmostEqual(right["pe_ori"], 0, places=2)
        # A wall in place of the floor is flat, and upright.
        wall = errors.plane_errors(np.full(SIZE, 3.0), truth, floor, calibration)
        self.assertAlmostEqual(wall["pe_fla"], 0, places=6)
        self.assertAlmostEqual(wall["pe_ori"], 90, places=2)
        rough = truth + 0.05 * (np.indices(SIZE).sum(0) % 2)
        self.assertTrue(0.5 < errors.plane_errors(rough, truth, floor, calibration)["pe_fla"] < 5)


@unittest.skipUnless(HAS_FILES, "needs h5py and SciPy")
class Files(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = kept.name
        rng = np.random.default_rng(1)
        self.picture = rng.integers(0, 255, (*SIZE, 3)).astype(np.uint8)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_nyu(self):
        import h5py
        from scipy.io import savemat

        with h5py.File(self.path("nyu.mat"), "w") as file:
            file["images"] = np.stack([self.picture.transpose(2, 1, 0)] * 3)
            file["depths"] = np.stack([room()[0].T * (k + 1) for k in range(3)]).astype(np.float32)
        savemat(self.path("splits.mat"), {"testNdxs": np.array([[1], [3]])})

    def write_ibims(self):
        from scipy.io import savemat

        depth, box, floor = room()
        edges = errors.canny(1 - (depth - depth.min()) / (depth.max() - depth.min()))
        whole = np.ones(SIZE, np.uint8)
        invalid = whole.copy()
        invalid[:3] = 0
        data = {
            "rgb": self.picture, "depth": depth, "edges": edges.astype(np.uint8), "calib": CALIBRATION,
            "mask_invalid": invalid, "mask_transp": whole, "mask_floor": floor.astype(np.uint8),
            "mask_wall": (2 * box).astype(np.uint8), "mask_table": 0 * whole,
        }
        savemat(self.path("corridor_01.mat"), {"data": data})

    def test_nyu(self):
        self.write_nyu()
        found = list(nyu.cases(self.path("nyu.mat"), self.path("splits.mat")))
        self.assertEqual([case[0] for case in found], ["0001", "0003"])
        np.testing.assert_array_equal(found[1][1], self.picture)
        np.testing.assert_allclose(found[1][2], 3 * room()[0], rtol=1e-6)
        self.assertEqual(found[1][3].sum(), (SIZE[0] - 32) * (SIZE[1] - 32))

    def test_ibims(self):
        self.write_ibims()
        ((name, picture, depth, known, beside),) = ibims.cases(self.folder)
        self.assertEqual(name, "corridor_01")
        np.testing.assert_array_equal(picture, self.picture)
        np.testing.assert_array_equal(depth, room()[0])
        self.assertFalse(known[:3].any())
        self.assertEqual(beside["calibration"], (70, 70, 39.5, 29.5))
        self.assertEqual(len(beside["planes"]), 2)

    def table_of(self, *arguments):
        """Of a network that knows the room."""
        answer = torch.from_numpy(1 / room()[0])[None, None]
        out = io.StringIO()
        with mock.patch.object(benchmarks, "asker", lambda name, sizes: lambda picture: answer):
            with mock.patch("sys.argv", ["benchmarks", *arguments]), contextlib.redirect_stdout(out):
                benchmarks.main()
        head, _, row = (line.strip("| ").split(" | ") for line in out.getvalue().splitlines())
        return dict(zip(head, map(float, row[1:])))

    def test_the_right_answer_has_no_errors(self):
        self.write_nyu()
        table = self.table_of("nyu", self.path("nyu.mat"), self.path("splits.mat"), "right")
        self.assertEqual((table["abs_rel"], table["delta1"]), (0, 1))
        os.remove(self.path("nyu.mat"))
        os.remove(self.path("splits.mat"))
        self.write_ibims()
        table = self.table_of("ibims", self.folder, "right", "--fit", "depth")
        self.assertEqual((table["rms"], table["dbe_acc"], table["pe_fla"]), (0, 0, 0))
        self.assertEqual(len(table), len(errors.DEPTH) + len(errors.OUTLINES) + len(errors.PLANES))

    def test_broken_ones_are_named(self):
        self.write_nyu()
        with open(self.path("bad.mat"), "wb") as file:
            file.write(b"no such thing")
        for paths in (("bad.mat", "splits.mat"), ("nyu.mat", "bad.mat"), ("splits.mat", "splits.mat")):
            bad = "bad.mat" if "bad.mat" in paths else "splits.mat"
            with self.assertRaisesRegex(BadFile, bad):
                list(nyu.cases(*map(self.path, paths)))
        with self.assertRaisesRegex(BadFile, "bad.mat"):
            list(ibims.cases(self.folder))


class Stereo(unittest.TestCase):
    def test_a_pair_without_holes_is_seen_as_it_is(self):
        rng = np.random.default_rng(2)
        left = rng.integers(0, 255, (64, 96, 3)).astype(np.uint8)
        right = np.roll(left, -4, 1)
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("left.png", "right.png", "disparity.npy")]
            Image.fromarray(left).save(paths[0])
            Image.fromarray(right).save(paths[1])
            np.save(paths[2], np.full((64, 96), 4.0))
            case = stereo.pair(*paths)
            np.testing.assert_allclose(case.given[:, :-4], case.truth[:, :-4], atol=1e-6)
            self.assertFalse(case.judged.any())
            Image.fromarray(right[:32]).save(paths[1])
            with self.assertRaisesRegex(BadFile, "not of one size"):
                stereo.pair(*paths)

    def test_figures(self):
        depth = np.full((64, 96), 0.25, np.float32)
        depth[20:44, 40:60] = 1
        truth = np.random.default_rng(1).random((64, 96, 3)).astype(np.float32)
        case = stereo.Case("stereo", truth, depth, truth, None, stereo.move(depth, (-8, 0, 0)))
        right, wrong = stereo.figures(case, truth), stereo.figures(case, 1 - truth)
        self.assertGreater(right["holes"], 100)
        self.assertAlmostEqual(right["ssim"], 1, places=6)
        for name in stereo.FIGURES:
            self.assertLess(wrong[name], right[name] - 0.5)


if __name__ == "__main__":
    unittest.main()
