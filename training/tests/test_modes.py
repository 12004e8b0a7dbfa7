"""The modes of the published systems learn: narrow networks of the same classes, on generated scenes in the data set's
layout. After some steps they do better on scenes that they have not seen than before.
"""

import contextlib
import csv
import io
import json
import os
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch
from PIL import Image

from training import export, looks, modes
from training.networks import load_model, restored
from training.networks.mobilenet import MobileNet
from training.networks.published import Disparity, disparity, inpaint
from training.scenes.archives import capture
from training.scenes.library import Library
from training.tasks import estimation
from training.tests.test_depth_data import change_table, write_shots

SHOTS = 10
SMALL = ["device=cpu", "threads=1", "workers=0", "sizes=[[64,64]]", "held_out=0.2", "half_precision=false"]


def setUpModule():
    global KEPT
    KEPT = tempfile.TemporaryDirectory()
    library = Library(drawn=12, outlines=3)
    write_shots(KEPT.name, [capture(library, 41, number, (96, 96)) for number in range(SHOTS)])
    for name in ("dataset.csv", "dataset_inpainting.csv"):
        change_table(KEPT.name, ".exr", ".npy", name)


def tearDownModule():
    KEPT.cleanup()


class Modes(unittest.TestCase):
    def setUp(self):
        narrow = [
            (disparity, "WIDTHS", (16, 24, 32, 48, 48, 48)), (inpaint, "WIDTHS", (16, 24, 32, 48)),
            (looks, "load_imagenet", MobileNet), (restored, "load_imagenet", MobileNet),
        ]
        for module, name, value in narrow:
            patch = mock.patch.object(module, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        looks.judge.cache_clear()
        self.addCleanup(looks.judge.cache_clear)
        torch.manual_seed(1)

    def learn(self, mode, *options, steps, changes=()):
        """The rows of metrics.csv, as numbers: before, after half of the steps and at the end."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        data = os.path.join(KEPT.name, "dataset_inpainting.csv")
        arguments = ["--training-mode", mode, "--dataset", data, "--batch-size", "4", *options]
        arguments += ["--folder", folder.name, "--save-name", "test"]
        for change in [*SMALL, "steps=%d" % steps, "evaluate_every=%d" % (steps // 2), *changes]:
            arguments += ["--set", change]
        with mock.patch("sys.argv", ["modes", *arguments]), contextlib.redirect_stdout(io.StringIO()):
            modes.main()
        self.weights = os.path.join(folder.name, mode + "-test.tar")
        self.checkpoint = os.path.join(folder.name, mode + "-test", "last.pt")
        with open(os.path.join(folder.name, mode + "-test", "metrics.csv"), newline="", encoding="utf-8") as file:
            return [{name: float(value or "nan") for name, value in row.items()} for row in csv.DictReader(file)]

    def falls(self, rows, *names):
        """What a loss is made of falls from the first half to the second; figures, from before to the end."""
        for name in names:
            values = [row[name] for row in rows if row[name] == row[name]]
            self.assertLess(values[-1], values[0], "%s: %s" % (name, values))

    def rises(self, rows, *names):
        for name in names:
            self.assertGreater(rows[-1][name], rows[0][name], name)

    def export(self):
        """What ships, and its manifest."""
        out = self.checkpoint[:-3] + "-exported.pt"
        with mock.patch("sys.argv", ["export", self.checkpoint, out, "--name", "test"]):
            export.main()
        with open(out[:-3] + ".json", encoding="utf-8") as file:
            return torch.jit.load(out), json.load(file)

    def options(self, *arguments):
        return modes.make_config(modes.make_parser().parse_args(arguments))

    def test_every_option_is_an_entry(self):
        for mode, option, entry in (
            ("estimation", "--lr-estimation", "rate"), ("refinement", "--lr-refinement", "rate"),
            ("inpainting", "--lr-inpaint", "rate"), ("inpainting_ref", "--lr-inpaint", "rate"),
            ("estimation", "--gamma-lr", "gamma"), ("inpainting", "--batch-size", "batch_size"),
        ):
            self.assertEqual(self.options("--training-mode", mode, option, "3")[entry], 3)
        published = self.options()
        self.assertEqual([published[name] for name in ("rate", "gamma", "batch_size")], [1e-4, 0.99999, 8])
        self.assertEqual(self.options("--training-mode", "refinement")["rate"], 1e-5)
        self.assertEqual(self.options("--training-mode", "inpainting_ref")["rival"]["rate"], 5e-5)
        rival = self.options("--training-mode", "inpainting_ref", "--lr-discriminator", "2")["rival"]
        self.assertEqual((rival["rate"], rival["every"]), (2, 5))
        folder = self.options("--dataset", "diml,512,74", "--dataset", "mvs,770,12,depths")["data"]
        self.assertEqual(folder["data1"], {"kind": "folder", "path": "mvs", "focal": 770, "baseline": 12, "depth": "depths"})
        self.assertEqual(self.options("--training-mode", "inpainting", "--dataset", "a,1,1")["views"], "moved")
        with self.assertRaisesRegex(SystemExit, "--mask-loss-dataset"):
            self.options("--mask-loss", "other")
        with self.assertRaisesRegex(SystemExit, "nowhere.tar: no weights"):
            self.options("--model-path", "nowhere.tar")
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            self.options("--dataset", "a,wide,1")

    def test_epochs_make_steps(self):
        config = self.options("--dataset", os.path.join(KEPT.name, "dataset.csv"), "--batch-size", "4")
        config["held_out"] = 0.2
        modes.add_lengths(config, 3)
        self.assertEqual(config["steps"], 3 * (4 * SHOTS - 8) // 4)

    def test_estimation(self):
        rows = self.learn("estimation", "--lr-estimation", "1e-3", steps=40)
        self.falls(rows, "ordinal", "slopes", "error", "boundary")
        self.rises(rows, "delta1")
        network, manifest = self.export()
        self.assertEqual(manifest["input"]["order"], "rgb")
        picture = torch.rand(1, 3, 64, 96)
        own = load_model(self.checkpoint)(picture)
        self.assertLess((network(picture) - own).abs().max().item(), 0.02 * own.max().item())
        # What is saved goes into the published network by its names, and a second run starts there.
        Disparity().load_state_dict(torch.load(self.weights)["model_state_dict"])
        again = self.learn("estimation", "--model-path", self.weights, steps=2)
        self.assertEqual(again[0]["error"], rows[-1]["error"])

    def people(self, picture, size):
        """A teacher who sees a person in the left half of every picture."""
        self.asked += len(picture)
        answer = torch.zeros(len(picture), 21, *size)
        answer[:, 0] = 0.1
        answer[:, 15, :, : size[1] // 2] = 1
        return answer

    def test_mask_losses(self):
        """Of the depth data each picture is asked about, of the other pictures those alone."""
        with tempfile.TemporaryDirectory() as folder:
            for name in "ab":
                Image.fromarray(np.zeros((80, 80, 3), np.uint8)).save(os.path.join(folder, name + ".png"))
            for options, least, most in (
                (["same"], 16, 16), (["other", "--mask-loss-dataset", folder], 1, 15), (["none"], 0, 0)
            ):
                self.asked = 0
                with mock.patch.object(estimation, "ask_teacher", self.people):
                    rows = self.learn("estimation", "--mask-loss", *options, steps=4)
                self.assertTrue(least <= self.asked <= most, self.asked)
                self.assertEqual("mask" in rows[-1], options != ["none"])

    def test_refinement(self):
        rows = self.learn("refinement", "--lr-refinement", "1e-3", steps=40)
        self.falls(rows, "slopes", "near", "far")
        network, _ = self.export()
        self.assertEqual(network(torch.rand(1, 3, 64, 96), torch.rand(1, 1, 16, 24)).shape, (1, 1, 64, 96))
        weights = self.weights
        self.learn("refinement", "--model-path", weights, steps=2)
        with mock.patch.object(restored, "load_imagenet", MobileNet):
            self.learn("estimation", steps=2)
            rows = self.learn("refinement", "--model-path", self.weights, steps=2)
        self.assertEqual(rows[-1]["slopes"], rows[-1]["slopes"])

    def test_inpainting(self):
        for options in ((), ("--partial-conv",)):
            rows = self.learn("inpainting", "--lr-inpaint", "1e-3", *options, steps=30, changes=["gain=1"])
            self.falls(rows, "hole", "valid", "slopes", "l1")
            self.rises(rows, "psnr", "ssim")
            network, manifest = self.export()
            self.assertEqual((manifest["entry"], manifest["context"]), ("inpaint", "context"))
            color, disparity, mask = torch.rand(1, 3, 64, 96), torch.rand(1, 1, 64, 96), torch.ones(1, 1, 64, 96)
            painted, _ = network.inpaint(color, disparity, network.context(color, disparity), mask)
            self.assertEqual(painted.shape, color.shape)

    def test_inpainting_ref(self):
        rival = 'rival={"rate": 5e-4, "every": 2, "wait": 4, "round": 1000}'
        rows = self.learn("inpainting_ref", "--lr-inpaint", "1e-3", steps=20, changes=["gain=1", rival])
        self.falls(rows, "valid", "l1", "rival")
        self.rises(rows, "psnr", "ssim")


if __name__ == "__main__":
    unittest.main()
