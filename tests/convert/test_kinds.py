"""Every kind of network: from its files to a TorchScript file that answers as the network does, to the last bit."""

import contextlib
import hashlib
import io
import json
import os
import struct
import subprocess
import tempfile
import unittest

import torch

from kb3d_models import caffe2, depth_anything, midas
from kb3d_models.__main__ import KINDS, main
from kb3d_models.manifest import run, sides
from tests.convert.weights import FILES, files_of, originals

WIDTH, HEIGHT = 96, 72
# As many numbers as their papers' networks have.
COUNTS = ((midas.MidasSmall, 21320545), (depth_anything.DepthAnythingSmall, 24785089))


def told(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(words)
    return out.getvalue()


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Kinds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        torch.manual_seed(1)

    def path(self, name):
        return os.path.join(self.folder, name)

    def refuses(self, *words, names):
        with self.assertRaises(SystemExit) as caught:
            told(*words)
        for name in names:
            self.assertIn(name, str(caught.exception))

    def convert(self, name, files):
        """The file, its manifest, and what was told."""
        out = self.path(name + ".pt")
        text = told(name, *files, "-o", out)
        with open(self.path(name + ".json"), encoding="utf-8") as file:
            return out, json.load(file), text

    def check(self, name, files):
        kind = next(kind for kind in KINDS if kind.name == name)
        out, manifest, text = self.convert(name, files)
        self.assertEqual(manifest["sha256"], digest(out))
        for words in (digest(out), *map(digest, files), "licence: " + kind.licence):
            self.assertIn(words, text)
        network, saved = kind.build(*files).eval(), torch.jit.load(out).eval()
        height, width = sides(manifest, 64)
        # Not the size that it was traced with.
        own, other = (run(x, manifest, width, height, seed=5) for x in (network, saved))
        for method in own:
            for one, two in zip(own[method][1], other[method][1]):
                self.assertTrue(torch.equal(one, two), (name, method))
                self.assertGreater(one.std().item(), 0, (name, method))
        self.fly(name, out, manifest)
        os.remove(out)

    def fly(self, name, out, manifest):
        """The command's flight with the network, and that it was asked."""
        if "KB3D" not in os.environ:
            return
        near = lambda x, y, width: (x - 0.4 * width) ** 2 + (y - 0.5 * width) ** 2 < 0.04 * width**2
        with open(self.path("in.ppm"), "wb") as file:
            file.write(b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT))
            for y in range(HEIGHT):
                file.write(bytes(x * 5 + y * c & 255 for x in range(WIDTH) for c in (3, 6, 9)))
        # Smaller than the picture, so that it is refined; with a step, so that something is uncovered.
        with open(self.path("depth.pfm"), "wb") as file:
            file.write(b"Pf\n%d %d\n-1\n" % (WIDTH // 4, HEIGHT // 4))
            file.write(struct.pack("<%df" % (WIDTH * HEIGHT // 16), *(
                1.0 if near(x, y, WIDTH // 4) else 0.2 for y in range(HEIGHT // 4) for x in range(WIDTH // 4)
            )))
        words = [] if manifest["role"] == "depth" else ["--depth", "depth.pfm"]
        words += ["--extend", "network"] if manifest["role"] == "inpaint" else ["--extend", "none"]
        version = ".".join(torch.__version__.split(".")[:2])
        run = subprocess.run(
            [os.environ["KB3D"], "animate", "in.ppm", "-o", "out.avi", "--duration", "0.1", "--motion", "circle", "--shift",
             "0.2", "--networks", "process", "-v", "--model", "%s=%s" % (manifest["role"], out), *words],
            cwd=self.folder, env={**os.environ, "KB3D_TORCH": version, "KB3D_MODEL_PATH": ""}, capture_output=True, text=True,
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("%s network: %s" % (manifest["role"], manifest["name"]), run.stderr)

    def test_names_and_sizes_of_architectures(self):
        for network, count in COUNTS:
            self.assertEqual(sum(x.numel() for x in network().parameters()), count)
        self.assertEqual({kind.name for kind in KINDS} - {"tiefenrausch"}, set(FILES))

    def test_positions_as_pytorch_stretches_them(self):
        learnt = torch.rand(37, 37, 3)
        for height, width in ((3, 5), (28, 37), (50, 20)):
            scales = (height + 0.1) / 37, (width + 0.1) / 37
            wanted = torch.nn.functional.interpolate(learnt.permute(2, 0, 1)[None], scale_factor=scales, mode="bicubic")
            down, across = (depth_anything.resampling(count, 0.1) for count in (height, width))
            found = torch.einsum("yp,pqc,xq->cyx", down, learnt, across)
            torch.testing.assert_close(found, wanted[0], rtol=1e-4, atol=1e-4)
        self.assertTrue(torch.equal(depth_anything.resampling(37, 0.0), torch.eye(37)))

    def test_tiefenrausch(self):
        net, weights = originals("originals/tiefenrausch.pb"), originals("originals/tiefenrausch_init.pb")
        reference, photo = originals("reference/pumpkin.npy"), originals("reference/pumpkin.jpg")
        try:
            import numpy
            from PIL import Image
        except ImportError:
            self.skipTest("no NumPy or no Pillow")
        if not net:
            self.skipTest("KB3D_TEST_DATA has no models/originals")
        self.check("tiefenrausch", [net, weights])
        network = next(kind for kind in KINDS if kind.name == "tiefenrausch").build(net, weights)
        picture = torch.from_numpy(numpy.array(Image.open(photo))).permute(2, 0, 1)[None].float() / 255
        # 1024 to 384: the exact mean of 8/3 pixels.
        picture = torch.nn.functional.interpolate(picture, scale_factor=3.0, mode="nearest")
        with torch.no_grad():
            answer = network(torch.nn.functional.avg_pool2d(picture, 8)).flatten()
        truth = torch.from_numpy(numpy.load(reference)).flatten()
        self.assertGreater(numpy.corrcoef(answer, truth)[0, 1], 0.9995)
        self.assertLess(((answer / truth) - 1).abs().median().item(), 0.01)

    def test_protocol_buffers_that_are_none(self):
        net = originals("originals/tiefenrausch.pb") or ""
        for data in (b"", b"junk" * 9, b"\xff" * 40, b"\x12\x7f"):
            with open(self.path("bad.pb"), "wb") as file:
                file.write(data)
            self.refuses("tiefenrausch", self.path("bad.pb"), self.path("bad.pb"), "-o", self.path("o.pt"), names=["bad.pb"])
        if net:
            self.refuses("tiefenrausch", net, net, "-o", self.path("o.pt"), names=["tiefenrausch.pb"])

    def test_scripted_by_a_manifest(self):
        (lama,) = files_of("lama", self.folder)
        manifest = {"kb3d_manifest": 1, "role": "inpaint", "output": "color", "name": "Mine", "licence": "MIT"}
        with open(self.path("mine.manifest"), "w", encoding="utf-8") as file:
            json.dump(manifest, file)
        text = told("scripted", lama, self.path("mine.manifest"), "-o", self.path("mine.pt"))
        self.assertIn("licence: MIT", text)
        with open(self.path("mine.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file), {**manifest, "sha256": digest(lama)})
        for change, name in (
            ({"role": "depth"}, "role"), ({"entry": "paint"}, "paint"), ({"kb3d_manifest": 2}, "kb3d_manifest"),
            ({"role": "segment", "output": "class_ids"}, "fails"),
        ):
            with open(self.path("wrong"), "w", encoding="utf-8") as file:
                json.dump({**manifest, **change}, file)
            self.refuses("scripted", lama, self.path("wrong"), "-o", self.path("o.pt"), names=[name])
        self.refuses("scripted", self.path("wrong"), self.path("wrong"), "-o", self.path("o.pt"), names=["TorchScript"])
        self.assertFalse(os.path.exists(self.path("o.pt")))

    def test_what_is_refused(self):
        (refine,) = files_of("refinement", self.folder)
        out = self.path("o.pt")
        self.refuses("refinement", self.path("none"), "-o", out, names=["none"])
        self.refuses("refinement", refine, "-o", self.path("o.bin"), names=["o.bin"])
        self.refuses("refinement", refine, "-o", self.path("nowhere/o.pt"), names=["nowhere"])
        self.refuses("inpainting", refine, "-o", out, names=["network-refinement.pytorch", "lacks"])
        # Improved's has no shortcuts, and each is told from the other.
        self.refuses("improved-refinement", refine, "-o", out, names=["moduleShortcut", "which this network has not"])
        os.link(refine, self.path("refine-01234567.pth"))
        self.refuses("refinement", self.path("refine-01234567.pth"), "-o", out, names=["refine-01234567.pth", digest(refine)])
        self.refuses("lama", *files_of("lama", self.folder), "-o", self.path("big-lama.pt"), names=["written over"])
        (migan,) = files_of("migan", self.folder)
        self.refuses("migan", migan, "-o", out, "--long-side", "256", names=["one size"])
        self.assertFalse(os.path.exists(out) or os.path.exists(out + ".part"))


class Caffe2(unittest.TestCase):
    def test_numbers(self):
        fill = caffe2.Operator("Int8GivenTensorFill", [], ["w"], {
            "values": bytes([0, 128, 255, 127]), "shape": [2, 1, 1, 2], "Y_scale": 0.5, "Y_zero_point": 128
        })
        self.assertEqual(caffe2.constants([fill])["w"].flatten().tolist(), [-64.0, 0.0, 63.5, -0.5])
        bias = caffe2.Operator("Int8GivenIntTensorFill", [], ["b"], {
            "values": [-3, 2], "shape": [2], "Y_scale": 0.25, "Y_zero_point": 0
        })
        self.assertEqual(caffe2.constants([bias])["b"].tolist(), [-0.75, 0.5])
        fill.arguments["shape"] = [3]
        with self.assertRaises(caffe2.Refused):
            caffe2.constants([fill])


def add_conversion(name):
    def test(self):
        self.check(name, files_of(name, self.folder))

    setattr(Kinds, "test_convert_" + name.replace("-", "_"), test)


for each in FILES:
    add_conversion(each)

if __name__ == "__main__":
    unittest.main()
