"""An exported network answers as the trained one, at sizes it was not traced with."""

import copy
import unittest

import torch

from training import export
from training.networks.depth import DepthNetwork


class Exporting(unittest.TestCase):
    def test_folded_halved_and_traced(self):
        torch.manual_seed(1)
        network = DepthNetwork()
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


if __name__ == "__main__":
    unittest.main()
