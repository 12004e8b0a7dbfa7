"""Losses and figures: zero for the right answer, blind to scale and shift, and able to fail."""

import os
import tempfile
import unittest

import numpy as np
import torch

from training import losses, looks, metrics
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


def disparity_batch(seed=0):
    truth = 5 + 30 * maps(seed)
    return {"disparity": truth, "weight": torch.ones_like(truth), "objects": torch.zeros_like(truth)}


class Disparity(unittest.TestCase):
    def costs(self, predicted, batch):
        shares = dict.fromkeys(losses.DISPARITY, 1)
        _, parts = losses.weighted_sum(losses.DISPARITY, shares, predicted, batch)
        return {name: value.item() for name, value in parts.items()}

    def test_right_answers_cost_nothing_and_wrong_ones_much(self):
        batch = disparity_batch()
        right, wrong = self.costs(batch["disparity"], batch), self.costs(5 + 30 * maps(9), batch)
        for name in ("l1", "ordinal", "slopes"):
            self.assertLess(right[name], 2e-4, name)
            self.assertGreater(wrong[name], right[name] + 0.005, name)

    def test_a_common_factor(self):
        batch = disparity_batch()
        scaled = self.costs(2 * batch["disparity"], batch)
        # The logarithm's difference is one number everywhere: three quarters of its square are left.
        self.assertAlmostEqual(scaled["ordinal"], 0.75 * np.log10(2) ** 2, delta=1e-3)
        self.assertLess(scaled["slopes"], 1e-3)
        self.assertAlmostEqual(scaled["l1"], batch["disparity"].mean().item(), delta=1e-3)

    def test_slopes_are_seen_at_all_distances(self):
        """A step of one column costs at each distance that spans it: (3 - 1) / (3 + 1), once for h = 1, 16 times for 16."""
        truth = torch.ones(1, 40, 60)
        truth[:, :, 30:] = 3
        batch = {"disparity": truth, "weight": torch.ones_like(truth)}
        flat = losses.slopes_loss(torch.ones_like(truth), batch).item()
        expected = sum(h * (2 / 4.01) / (60 - h) for h in losses.STEPS)
        self.assertAlmostEqual(flat, expected, delta=1e-3)

    def test_unknown_pixels_teach_nothing(self):
        batch, predicted = disparity_batch(), (5 + 30 * maps(3)).requires_grad_(True)
        batch["weight"][:, :, 40:] = 0
        batch["disparity"][:, :, 40:] = 1000
        shares = dict.fromkeys(("l1", "ordinal", "slopes"), 1)
        losses.weighted_sum(losses.DISPARITY, shares, predicted, batch)[0].backward()
        self.assertEqual(predicted.grad[:, :, 40:].abs().max().item(), 0)
        self.assertGreater(predicted.grad[:, :, :40].abs().min().item(), 0)

    def test_an_object_is_at_one_distance(self):
        batch = disparity_batch()
        batch["objects"][:, 10:30, 10:30] = 1
        batch["objects"][:, 10:30, 30:50] = 2
        predicted = torch.where(batch["objects"] == 1, 20.0, 5.0)
        self.assertEqual(losses.mask_loss(predicted, batch).item(), 0)
        predicted[:, 15, 15] = 5
        self.assertGreater(losses.mask_loss(predicted, batch).item(), 0)
        # A gentle slope is allowed.
        self.assertEqual(losses.mask_loss(0.4 * torch.arange(64.0).expand(2, 48, 64), batch).item(), 0)


class Painted(unittest.TestCase):
    def test_variation_counts_in_and_about_holes(self):
        view, hole = torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8)
        view[..., 4:], hole[..., 2:4, 2:4] = 1, 1
        self.assertGreater(losses.total_variation(view, hole).item(), 0)
        hole[:] = 0
        hole[..., :2] = 1
        self.assertEqual(losses.total_variation(view, hole).item(), 0)

    def vgg(self, has_norm):
        torch.manual_seed(3)
        layers, inputs = [], 3
        for widths in ((8, 8), (12, 12), (16, 16), (16,)):
            for width in widths:
                layers.append(torch.nn.Conv2d(inputs, width, 3, padding=1))
                layers += [torch.nn.BatchNorm2d(width)] * has_norm + [torch.nn.ReLU()]
                inputs = width
            layers.append(torch.nn.MaxPool2d(2))
        return torch.nn.Sequential(*layers).eval()

    def test_any_vgg_judges_by_its_own_weights(self):
        picture = torch.rand(1, 3, 32, 48)
        for has_norm, taps in ((False, (4, 9, 14)), (True, (6, 13, 20))):
            plain = self.vgg(has_norm)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "vgg.pth")
                state = {"features." + name: value for name, value in plain.state_dict().items()}
                torch.save({**state, "classifier.0.weight": torch.zeros(3, 3)}, path)
                network = looks.judge("cpu", path)
                self.assertEqual(looks.widths(path), (8, 12, 16))
            normal = (picture - network.mean) / network.deviation
            for own, tap in zip(network.first_maps(picture, 3), taps):
                torch.testing.assert_close(own, plain[:tap](normal))
            perceptual, style = looks.looks(network, picture, picture, torch.ones(1, 1, 32, 48))
            self.assertEqual((perceptual.item(), style.item()), (0, 0))
            other, _ = looks.looks(network, picture.flip(3), picture, torch.ones(1, 1, 32, 48))
            self.assertGreater(other.item(), 0.01)

    def test_no_weights_no_judge(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("bad.pth", b"no weights"), ("other.pth", None)):
                path = os.path.join(folder, name)
                if content:
                    with open(path, "wb") as file:
                        file.write(content)
                else:
                    torch.save({"layer.weight": torch.zeros(2)}, path)
                with self.assertRaisesRegex(SystemExit, name):
                    looks.judge("cpu", path)


class Figures(unittest.TestCase):
    def test_likeness_of_pictures(self):
        rng = np.random.default_rng(3)
        picture = rng.random((40, 50, 3))
        self.assertAlmostEqual(metrics.psnr(picture * 0.5, picture * 0.5 + 0.1), 20, places=5)
        self.assertAlmostEqual(metrics.ssim(picture, picture), 1, places=6)
        # Of two even pictures the means alone count.
        even = np.full((20, 20, 3), 0.4)
        self.assertAlmostEqual(metrics.ssim(even, even + 0.2), (2 * 0.4 * 0.6 + 1e-4) / (0.16 + 0.36 + 1e-4), places=6)
        self.assertLess(metrics.ssim(picture, 1 - picture), 0)
        where = np.zeros((40, 50), bool)
        where[:, 25:] = True
        spoilt = picture.copy()
        spoilt[:, :19] = 0
        self.assertGreater(metrics.psnr(spoilt, picture, where), 100)
        self.assertAlmostEqual(metrics.ssim(spoilt, picture, where), 1, places=6)

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
