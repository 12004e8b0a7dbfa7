"""An exported network answers as the trained one, at sizes it was not traced with, and its manifest tells its role."""

import copy
import json
import os
import tempfile
import unittest
from unittest import mock

import torch

from training import export
from training.networks import NETWORKS
from training.networks.depth import DepthNetwork
from training.networks.segment import SegmentNetwork


class Exporting(unittest.TestCase):
    def test_folded_halved_and_traced(self):
        for kind in (DepthNetwork, SegmentNetwork):
            torch.manual_seed(1)
            network = kind()
            network.train()
            with torch.no_grad():
                for _ in range(3):
                    network(torch.rand(2, 3, 64, 64))
            network.eval()
            stored = copy.deepcopy(network)
            export.fold_norms(stored)
            export.store_half(stored)
            traced = export.trace(stored)
            kinds = {value.dtype for name, value in traced.state_dict().items() if "mix.0" in name}
            self.assertIn(torch.float16, kinds)
            with torch.no_grad():
                for size in ((64, 96), (128, 64)):
                    picture = torch.rand(1, 3, *size)
                    whole, short = network(picture), traced(picture)
                    self.assertLess((whole - short).abs().max().item(), 0.02 * whole.std().item() + 1e-3)

    def test_the_manifest_tells_the_role(self):
        expected = {"depth": ("affine_inverse_depth", None), "segment": ("class_scores", {"person": [1], "sky": [4]})}
        for role, (output, classes) in expected.items():
            with tempfile.TemporaryDirectory() as folder:
                checkpoint, out = os.path.join(folder, "last.pt"), os.path.join(folder, "net.pt")
                torch.save({"config": {"task": role}, "average": NETWORKS[role]().state_dict()}, checkpoint)
                with mock.patch("sys.argv", ["export", checkpoint, out, "--name", "a network"]):
                    export.main()
                with open(os.path.join(folder, "net.json"), encoding="utf-8") as file:
                    manifest = json.load(file)
                self.assertLess(os.path.getsize(out), 8 << 20)
            self.assertEqual((manifest["role"], manifest["output"]), (role, output))
            if classes:
                self.assertLessEqual(classes.items(), manifest["classes"].items())


if __name__ == "__main__":
    unittest.main()
