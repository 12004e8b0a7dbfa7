"""Views after a motion, the classical fill, what is learnt from, and the two entries of what is exported."""

import copy
import os
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch

from training import export, looks
from training.disocclusion import make_sample
from training.inpainting import energy, fill_rows
from training.networks.inpaint import InpaintNetwork, paint
from training.networks.mobilenet import MobileNet
from training.scenes.library import Library
from training.scenes.pairs import PairCache
from training.tasks import inpaint
from training.warp import move, sample

SIZE = (64, 48)
TERMS = ("absolute", "gradient", "perceptual", "style", "disparity")


def card():
    """A near square before a far wall whose colours tell their place."""
    depth = np.full((40, 60), 0.2, np.float32)
    depth[10:30, 20:35] = 1
    row, column = np.mgrid[:40, :60].astype(np.float32)
    return depth, np.stack([row, column, depth * 100], 2)


class Motion(unittest.TestCase):
    def test_a_shift_uncovers_what_lies_behind(self):
        depth, picture = card()
        view = move(depth, (10, 0, 0))
        hole = ~view.known & (view.ends == 2)
        # The square goes 10 pixels to the right, the wall 2.
        self.assertEqual(sorted(set(np.nonzero(hole)[1])), list(range(22, 30)))
        self.assertEqual(sorted(set(np.nonzero(hole)[0])), list(range(10, 30)))
        np.testing.assert_allclose(view.show(picture)[15, 40], [15, 30, 100])
        np.testing.assert_allclose(view.depth[hole], 0.2)

    def test_holes_take_the_farther_side_one_pixel_in(self):
        depth, picture = card()
        for motion, column in (((10, 0, 0), 18), ((-10, 0, 0), 36)):
            view = move(depth, motion)
            hole = ~view.known & (view.ends == 2)
            self.assertEqual(set(view.show(picture)[hole][:, 1]), {column})
            first = np.nonzero(hole[20])[0][-1 if motion[0] > 0 else 0]
            self.assertEqual(view.from_near[20, first], 1)

    def test_back_again(self):
        depth = card()[0]
        for motion in ((6, -4, 0), (3, 2, 0.2), (0, 0, -0.3)):
            there = move(depth, motion)
            back = move(there.depth, -np.array(motion))
            alike = np.abs(back.depth - depth) < 0.01
            self.assertGreater(alike[8:-8, 8:-8].mean(), 0.9)

    def test_going_ahead_leaves_no_cracks(self):
        depth = card()[0] * 0 + 1
        self.assertTrue(move(depth, (0, 0, 0.35)).known[1:-1, 1:-1].all())

    def test_between_pixels(self):
        picture = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
        place = np.array([[[1.5, 9.0]], [[0.25, 9.0]]], np.float32)
        np.testing.assert_allclose(sample(picture, place)[0, :, 0], [2.5, 11])


class Rendered(unittest.TestCase):
    def test_the_moved_view_is_what_the_other_camera_saw(self):
        with tempfile.TemporaryDirectory() as folder:
            cache = PairCache(folder, 5, SIZE, Library(drawn=12, outlines=3))
            for number in range(4):
                colors, depths, motion = cache.get(number)
                view = move(depths[0], motion)
                error = np.abs(view.depth - depths[1])[view.known]
                self.assertLess(float(np.median(error)), 0.01)
                again = PairCache(folder, 5, SIZE).get(number)
                np.testing.assert_array_equal(again[0], colors)


class Samples(unittest.TestCase):
    def test_what_is_judged_is_hidden_and_the_margin_is_left_out(self):
        depth, picture = card()
        truth_depth, motion = move(depth, (12, 0, 0)).depth, np.array([12.0, 0, 0])
        makers = [
            make_sample(picture, depth, picture, truth_depth, motion, (32, 48), np.random.default_rng(2), margin)
            for margin in (0, 4)
        ]
        for made in makers:
            self.assertEqual(made["truth"].shape, (3, 32, 48))
            self.assertEqual((made["weight"] * made["known"]).max(), 0)
        self.assertLess(makers[1]["weight"].sum(), makers[0]["weight"].sum())

    def test_unknown_disparity_is_the_farther_neighbours(self):
        rows = np.array([[np.nan, 3, np.inf, np.nan, 2, np.nan]])
        np.testing.assert_array_equal(fill_rows(rows), [[3, 3, 2, 2, 2, 2]])

    def test_a_blur_loses_energy(self):
        noise = np.random.default_rng(1).random((20, 20, 3))
        soft = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / 3
        everywhere = np.ones((20, 20), bool)
        self.assertLess(energy(soft, everywhere), 0.7 * energy(noise, everywhere))


def random_batch(height=32, width=48):
    generator = torch.Generator().manual_seed(1)
    channels = {"picture": 3, "picture_depth": 1, "place": 2, "given": 3, "given_depth": 1, "truth": 3, "truth_depth": 1}
    batch = {name: torch.rand(2, count, height, width, generator=generator) for name, count in channels.items()}
    batch["known"] = (torch.rand(2, 1, height, width, generator=generator) > 0.3).float()
    batch["weight"] = 1 - batch["known"]
    return batch


def noisy_network():
    torch.manual_seed(2)
    network = InpaintNetwork().eval()
    torch.nn.init.normal_(network.leave.weight, 0, 0.05)
    return network


class Network(unittest.TestCase):
    def test_at_first_it_answers_the_classical_fill(self):
        batch = random_batch()
        with torch.no_grad():
            color, depth = paint(InpaintNetwork().eval(), batch)
        torch.testing.assert_close(color, batch["given"])
        torch.testing.assert_close(depth, batch["given_depth"])

    def test_known_pixels_stay_and_hidden_context_is_not_seen(self):
        network, batch = noisy_network(), random_batch()
        context, other = torch.rand(2, 2, 8, 32, 48).unbind(0)
        other = torch.where(batch["known"] > 0, context, other)
        with torch.no_grad():
            color, _ = network.inpaint(batch["given"], batch["given_depth"], context, batch["known"])
            again, _ = network.inpaint(batch["given"], batch["given_depth"], other, batch["known"])
        torch.testing.assert_close(color * batch["known"], batch["given"] * batch["known"])
        torch.testing.assert_close(color, again)
        self.assertGreater((color - batch["given"]).abs().max().item(), 0.01)

    def test_the_truth_costs_nothing_and_learning_lowers_the_loss(self):
        looks.judge.cache_clear()
        self.addCleanup(looks.judge.cache_clear)
        with mock.patch.object(looks, "load_imagenet", MobileNet):
            batch, shares = random_batch(), dict.fromkeys(TERMS, 1)
            right = dict(batch, given=batch["truth"], given_depth=batch["truth_depth"])
            network = InpaintNetwork().train()
            for name, value in inpaint.loss(network, right, shares, None)[1].items():
                self.assertLess(value.item(), 1e-5, name)
            optimizer = torch.optim.Adam(network.parameters(), 1e-3)
            losses = []
            for _ in range(6):
                loss, _ = inpaint.loss(network, batch, shares, None)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            self.assertLess(losses[-1], losses[0])

    def test_exported_with_two_entries(self):
        network, batch = noisy_network(), random_batch(64, 80)
        stored = copy.deepcopy(network)
        export.store_half(stored)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "inpaint.pt")
            export.trace(stored).save(path)
            self.assertLess(os.path.getsize(path), 8e6)
            traced = torch.jit.load(path)
        with torch.no_grad():
            for own, other in zip(paint(network, batch), paint(traced, batch)):
                self.assertLess((own - other).abs().max().item(), 0.02)


if __name__ == "__main__":
    unittest.main()
