"""Refinement: what is drawn, what is wanted, and a network that invents nothing."""

import copy
import unittest

import numpy as np
import torch

from training import estimates, export
from training.networks.refine import RefineNetwork
from training.refinement import figures
from training.tasks import refine


def box():
    """A box before a slanted ground: picture and inverse depth of 0..1."""
    truth = np.repeat(np.linspace(0, 0.5, 96, dtype=np.float32)[:, None], 128, 1)
    truth[30:70, 40:90] = 0.9
    return np.repeat((truth * 250).astype(np.uint8)[..., None], 3, 2), truth


class Estimates(unittest.TestCase):
    def test_drawn_ones_are_near_what_is_wanted(self):
        picture, truth = box()
        for seed in range(6):
            estimate, wanted = estimates.draw_estimate(picture, truth, np.random.default_rng(seed))
            large = estimates.enlarge(estimate, truth.shape)[0, 0].numpy()
            self.assertLess(max(estimate.shape), 70)
            self.assertLess(np.median(np.abs(large - wanted)), 0.03)
            self.assertGreater(np.abs(large - wanted).max(), 0.1)
            self.assertTrue((np.abs(np.diff(wanted[50, 35:45])) > 0.3).any())

    def test_what_is_wanted_keeps_the_layout_and_the_edges(self):
        _, truth = box()
        bent = truth + 0.2 * np.linspace(0, 1, 128, dtype=np.float32)
        blurred = estimates.gauss(estimates.plane(bent), 3)[0, 0].numpy()
        wanted = estimates.wanted_of(blurred, truth)
        inside = np.zeros(truth.shape, bool)
        inside[8:-8, 8:-8] = True
        self.assertLess(np.abs(wanted - bent)[inside].mean(), 0.3 * np.abs(blurred - bent)[inside].mean() + 0.02)
        self.assertGreater(np.abs(np.diff(wanted[50]))[36:44].max(), 0.35)

    def test_a_wrong_layout_is_not_used(self):
        self.assertIsNone(estimates.wanted_of(1 - box()[1], box()[1]))


class Network(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.network = RefineNetwork().eval()

    def test_it_chooses_among_what_is_there(self):
        picture, estimate = torch.rand(1, 3, 64, 96), torch.rand(1, 1, 16, 24)
        with torch.no_grad():
            answer = self.network(picture, estimate)
            constant = self.network(picture, torch.full((1, 1, 16, 24), 0.3))
        self.assertEqual(answer.shape, (1, 1, 64, 96))
        self.assertGreaterEqual(answer.min().item(), estimate.min().item())
        self.assertLessEqual(answer.max().item(), estimate.max().item())
        self.assertLess((constant - 0.3).abs().max().item(), 1e-4)

    def test_exported_it_takes_any_size(self):
        stored = copy.deepcopy(self.network)
        export.fold_norms(stored)
        export.store_half(stored)
        traced = export.trace(stored)
        with torch.no_grad():
            for size, low in (((64, 96), (48, 48)), ((128, 64), (17, 9))):
                inputs = torch.rand(1, 3, *size), torch.rand(1, 1, *low)
                self.assertLess((self.network(*inputs) - traced(*inputs)).abs().max().item(), 0.02)

    def test_learning_lowers_the_loss(self):
        picture, truth = box()
        made = refine.sample(picture, *estimates.draw_estimate(picture, truth, np.random.default_rng(1)))
        batch = {name: torch.from_numpy(value).float()[None] for name, value in made.items()}
        batch["picture"] = batch["picture"].permute(0, 3, 1, 2) / 255
        optimizer = torch.optim.AdamW(self.network.parameters(), 0.003)
        found = []
        for _ in range(12):
            loss, _ = refine.loss(self.network, batch, {"absolute": 1, "coarse": 0.3, "gradient": 1}, None)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        self.assertLess(found[-1], 0.8 * found[0])


class Figures(unittest.TestCase):
    def test_the_truth_is_faultless_and_a_blur_is_not(self):
        _, truth = box()
        right = figures(truth, truth)
        self.assertEqual([right[name] for name in ("near", "far", "between")], [0, 0, 0])
        self.assertLess(right["boundary"], 0.5)
        blurred = figures(estimates.gauss(estimates.plane(truth), 3)[0, 0].numpy(), truth)
        self.assertGreater(blurred["between"], 30)
        self.assertGreater(blurred["near"], 5 * blurred["far"])


if __name__ == "__main__":
    unittest.main()
