"""Losses and figures: zero for the right answer, blind to scale and shift, and able to fail."""

import unittest

import numpy as np
import torch

from training import losses, metrics
from training.data import cut
from training.networks.depth import DepthNetwork, choose
from training.pictures import fit_size, resize_area
from training.teachers import vote


def maps(seed=0, count=2):
    coarse = torch.rand(count, 1, 6, 8, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, size=(48, 64), mode="bilinear", align_corners=False)[:, 0]


def all_losses(predicted, truth, weight):
    batch = {"depth": truth, "weight": weight, "exact": torch.ones(len(truth)), "measured": torch.ones(len(truth))}
    shares = {"correlation": 1, "ranking": 1, "absolute": 1, "gradient": 1}
    _, parts = losses.depth_loss(predicted, batch, shares, torch.Generator().manual_seed(1))
    return {name: value.item() for name, value in parts.items()}


class Losses(unittest.TestCase):
    def test_right_answers_cost_nothing(self):
        truth = maps()
        parts = all_losses(truth, truth, torch.ones_like(truth))
        for name in ("correlation", "absolute", "gradient"):
            self.assertLess(parts[name], 0.01, name)
        wrong = all_losses(maps(9), truth, torch.ones_like(truth))
        for name, value in parts.items():
            self.assertLess(value + 0.2, wrong[name], name)

    def test_scale_and_shift_do_not_matter(self):
        truth, predicted = maps(), maps(3)
        first = all_losses(predicted, truth, torch.ones_like(truth))
        second = all_losses(5 * predicted - 2, truth, torch.ones_like(truth))
        for name, value in first.items():
            self.assertAlmostEqual(value, second[name], delta=0.02 * (1 + value))

    def test_unknown_pixels_teach_nothing(self):
        truth, predicted = maps(), maps(3).requires_grad_(True)
        weight = torch.ones_like(truth)
        weight[:, :, 40:] = 0
        spoilt = truth.clone()
        spoilt[:, :, 40:] = 100
        generator = torch.Generator().manual_seed(1)
        batch = {"depth": spoilt, "weight": weight, "exact": torch.zeros(2), "measured": torch.ones(2)}
        shares = {"correlation": 1, "ranking": 0, "absolute": 1, "gradient": 0}
        loss, _ = losses.depth_loss(predicted, batch, shares, generator)
        loss.backward()
        self.assertEqual(predicted.grad[:, :, 40:].abs().max().item(), 0)
        self.assertGreater(predicted.grad[:, :, :40].abs().max().item(), 0)


class Figures(unittest.TestCase):
    def test_bounds(self):
        truth = maps()[0].numpy()
        right, wrong = metrics.score(truth * 3 + 1, truth), metrics.score(-truth, truth)
        self.assertAlmostEqual(right["rho"], 1, places=5)
        self.assertAlmostEqual(wrong["rho"], -1, places=5)
        self.assertEqual((right["ordinal"], right["local"], wrong["ordinal"]), (1, 1, 0))
        self.assertAlmostEqual(right["delta1"], 1, places=3)
        self.assertLess(right["abs_rel"], 1e-3)

    def test_boundaries(self):
        truth = np.full((48, 64), 0.2, np.float32)
        truth[:, 30:] = 1.0
        shifted = np.roll(truth, 3, 1)
        shifted[:, :3] = 0.2
        known = np.ones(truth.shape, bool)
        self.assertEqual(metrics.boundary_error(truth.astype(float), truth.astype(float), known), 0)
        self.assertAlmostEqual(
            metrics.boundary_error(shifted.astype(float), truth.astype(float), known), 3, places=5
        )

    def test_equal_values_share_a_rank(self):
        np.testing.assert_array_equal(metrics.ranks(np.array([3.0, 1.0, 3.0, 2.0])), [2.5, 0, 2.5, 1])


class Parts(unittest.TestCase):
    def test_area_average(self):
        picture = torch.arange(48.0).view(1, 1, 6, 8)
        np.testing.assert_allclose(
            resize_area(picture, (3, 4))[0, 0], picture.view(3, 2, 4, 2).mean((1, 3)), rtol=1e-6
        )
        self.assertEqual(fit_size(768, 1024, 384), (288, 384))
        self.assertEqual(fit_size(5000, 1, 384), (384, 32))

    def test_who_is_believed_depends_on_what_is_seen(self):
        rng = np.random.default_rng(4)
        shape = 40, 50
        right = np.repeat(np.arange(40, dtype=np.float32)[:, None], 50, 1) + rng.normal(0, 2, shape).astype(np.float32)
        odd = rng.normal(0, 1, shape).astype(np.float32)
        answers = {"tiefenrausch": right, "fastdepth": odd}
        outdoors, _ = vote(answers, "outdoor")
        indoors, _ = vote(answers, "room")
        self.assertGreater(metrics.spearman(outdoors.ravel(), right.ravel()), 0.97)
        self.assertGreater(
            metrics.spearman(indoors.ravel(), odd.ravel()), metrics.spearman(outdoors.ravel(), odd.ravel()) + 0.3
        )

    def test_certain_where_teachers_agree(self):
        ramp = np.repeat(np.arange(40, dtype=np.float32)[:, None], 50, 1)
        other = ramp.copy()
        other[:, 25:] = ramp[::-1, 25:]
        _, certainty = vote({"tiefenrausch": ramp, "student": other}, "close")
        self.assertGreater(certainty[:, :25].mean(), certainty[:, 25:].mean() + 0.2)

    def test_some_pairs_are_beside_each_other(self):
        first, second = losses.draw_pairs(60, 80, torch.Generator().manual_seed(1), "cpu")
        self.assertEqual(first.shape, second.shape)
        row = (first // 80 - second // 80).abs()
        column = (first % 80 - second % 80).abs()
        apart = torch.maximum(row, column)
        self.assertGreater(((apart <= 5).float().mean()), 0.33)
        self.assertGreater(((apart > 16).float().mean()), 0.2)

    def test_a_cut_keeps_picture_and_depth_together(self):
        depth = maps()[0].numpy()
        picture = np.repeat((depth * 200)[..., None], 3, 2).astype(np.uint8)
        sample = {"picture": picture, "depth": depth, "weight": np.ones_like(depth)}
        part = cut(sample, (32, 32), np.random.default_rng(4), 0.6)
        self.assertLess(np.abs(part["picture"][..., 0] - part["depth"] * 200).max(), 16)

    def test_choosing_keeps_constants_and_edges(self):
        coarse = torch.zeros(1, 1, 4, 4)
        coarse[..., 2:] = 1
        choice = torch.zeros(1, 9, 4, 4, 4)
        choice[:, 4] = 50
        fine = choose(coarse, choice.view(1, 36, 4, 4))
        self.assertEqual(fine.shape, (1, 1, 8, 8))
        self.assertEqual(sorted(set(fine.round(decimals=3).flatten().tolist())), [0, 1])

    def test_the_network_takes_any_multiple_of_32(self):
        network = DepthNetwork().eval()
        with torch.no_grad():
            for size in ((32, 64), (96, 32)):
                self.assertEqual(network(torch.rand(1, 3, *size)).shape, (1, 1, *size))


if __name__ == "__main__":
    unittest.main()
