"""Segmentation: what may be learnt from partial knowledge, and figures that are able to fail."""

import os
import unittest
from unittest import mock

import numpy as np
import torch

from training import class_maps, paths
from training.class_maps import ANY, allowed_by_answers, allowed_by_mask, by_rarity, paste
from training.evaluate_classes import Overlap
from training.losses import imitation_loss, segment_loss
from training.networks.names import GROUPS, NAMES
from training.networks.segment import FINE, VOC_COUNT, SegmentNetwork, group
from training.pictures import load_picture, to_tensor
from training.scenes import ANIMAL, PERSON, REST, SKY, VEHICLE
from training.tasks.segment import believed

SHARES = {"allowed": 1.0, "overlap": 1.0}


def scores_for(classes, sure=12.0):
    return sure * torch.nn.functional.one_hot(classes, 5).permute(0, 3, 1, 2).float()


class Loss(unittest.TestCase):
    def setUp(self):
        self.classes = torch.randint(0, 5, (2, 8, 8), generator=torch.Generator().manual_seed(1))
        self.exact = 1 << self.classes

    def test_right_answers_cost_nothing(self):
        right, _ = segment_loss(scores_for(self.classes), self.exact, SHARES)
        wrong, _ = segment_loss(scores_for((self.classes + 1) % 5), self.exact, SHARES)
        self.assertLess(right.item(), 0.01)
        self.assertGreater(wrong.item(), 2)

    def test_any_of_the_allowed_will_do(self):
        for kind in (REST, SKY):
            allowed = torch.full((1, 4, 4), 1 << REST | 1 << SKY)
            loss, _ = segment_loss(scores_for(torch.full((1, 4, 4), kind)), allowed, SHARES)
            self.assertLess(loss.item(), 0.01)

    def test_unknown_pixels_teach_nothing(self):
        allowed = self.exact.clone()
        allowed[:, 4:] = ANY
        scores = torch.zeros(2, 5, 8, 8, requires_grad=True)
        segment_loss(scores, allowed, SHARES)[0].backward()
        self.assertEqual(scores.grad[:, :, 4:].abs().max().item(), 0)
        self.assertGreater(scores.grad[:, :, :4].abs().min().item(), 0)


class Maps(unittest.TestCase):
    def test_a_mask_knows_no_sky_and_no_crowds(self):
        mask = np.array([[0, 1, 2, 3, 4, 9]], np.uint8)
        expected = [1 << REST | 1 << SKY, 1 << PERSON, 1 << ANIMAL, 1 << VEHICLE, 1 << REST, ANY]
        np.testing.assert_array_equal(allowed_by_mask(mask, "unsure")[0], expected)
        self.assertEqual(allowed_by_mask(mask, "no")[0, 0], 1 << REST)

    def test_answers_that_disagree_leave_the_choice(self):
        def sure(kind, count):
            return np.eye(count, dtype=np.float32)[kind][:, None, None]

        person, rest = sure(PERSON, 4), sure(REST, 4)
        self.assertEqual(allowed_by_answers(rest, None, "yes")[0, 0], 1 << REST | 1 << SKY)
        self.assertEqual(allowed_by_answers(rest, None, "no")[0, 0], 1 << REST)
        self.assertEqual(allowed_by_answers(person, sure(PERSON, 5), "yes")[0, 0], 1 << PERSON)
        self.assertEqual(allowed_by_answers(rest, sure(PERSON, 5), "no")[0, 0], 1 << REST | 1 << PERSON)
        self.assertEqual(allowed_by_answers(rest, sure(SKY, 5), "yes")[0, 0], 1 << SKY)
        self.assertEqual(allowed_by_answers(rest, sure(SKY, 5), "no")[0, 0] & 1 << SKY, 0)

    def test_pasting_moves_picture_and_map_together(self):
        def sample(shade, kind, high, wide):
            return {
                "picture": np.full((high, wide, 3), shade, np.uint8),
                "allowed": np.full((high, wide), 1 << kind, np.uint8),
            }

        changed = 0
        for seed in range(20):
            below, above = sample(10, REST, 40, 60), sample(200, PERSON, 50, 30)
            made = paste(below, above, np.random.default_rng(seed))
            np.testing.assert_array_equal(made["picture"][..., 0] == 200, made["allowed"] == 1 << PERSON)
            self.assertTrue((below["picture"] == 10).all())
            changed += (made["allowed"] == 1 << PERSON).any()
        self.assertEqual(changed, 20)

    @unittest.skipUnless(os.environ.get("KB3D_TEST_DATA"), "needs the photographs")
    def test_nothing_held_out_is_trained_on(self):
        held_out = set(paths.read_validation_list())
        with mock.patch.object(class_maps.LabelledPhotos, "allowed", lambda self, name: np.full((2, 2), ANY)):
            sources = (class_maps.MaskedPhotos(), class_maps.LabelledPhotos("nowhere", None))
        for source in sources:
            self.assertFalse(held_out & set(source.names))
        self.assertFalse(set(sources[0].names) & set(sources[1].names))

    def test_rare_classes_are_drawn_more_often(self):
        maps = [np.full((2, 2), 1 << kind) for kind in (REST, PERSON, PERSON, PERSON, ANIMAL)]
        shares = by_rarity(maps)
        self.assertAlmostEqual(shares.sum(), 1)
        self.assertTrue(shares[4] > shares[1] > shares[0])


class Figures(unittest.TestCase):
    def test_overlap(self):
        overlap = Overlap()
        overlap.add(np.array([1, 1, 1, 0]), np.array([2, 2, ANY, 2]))
        self.assertAlmostEqual(overlap.of(PERSON), 2 / 3)
        self.assertTrue(np.isnan(overlap.of(ANIMAL)))

    def test_the_finer_classes_are_each_ours_once(self):
        numbers = sorted(number for numbers in FINE.values() for number in numbers)
        self.assertEqual(numbers, list(range(VOC_COUNT + 1)))

    def test_groups_have_the_sums_of_probabilities(self):
        scores = torch.randn(1, VOC_COUNT + 1, 2, 2, generator=torch.Generator().manual_seed(1))
        fine, own = scores.softmax(1), group(scores).softmax(1)
        for kind, numbers in FINE.items():
            self.assertLess((fine[:, numbers].sum(1) - own[:, kind]).abs().max().item(), 1e-6)

    def test_imitation_leaves_the_sky_to_the_student(self):
        def sure(kind, count):
            return torch.eye(count)[kind].view(1, count, 1, 1)

        def cost(kind, weight=1.0):
            own, answer = 20 * sure(kind, VOC_COUNT + 1), sure(0, VOC_COUNT)
            return imitation_loss(own, answer, torch.full((1, 1, 1), weight)).item()

        self.assertLess(max(cost(0), cost(VOC_COUNT)), 1e-4)
        self.assertGreater(cost(15), 1)
        self.assertEqual(cost(15, 0.0), 0)

    def test_the_teacher_is_not_believed_against_the_truth(self):
        answer = torch.eye(VOC_COUNT)[[0, 15, 0, 15]].T.reshape(1, VOC_COUNT, 1, 4)
        allowed = torch.tensor([[[1 << SKY, 1 << PERSON, 1 << PERSON, 1 << REST]]])
        self.assertEqual(believed(answer, allowed).tolist(), [[[True, True, False, False]]])


class Classifier(unittest.TestCase):
    def test_no_name_is_in_two_groups(self):
        numbers = [number for group in GROUPS.values() for number in group]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertTrue(0 < min(numbers) and max(numbers) < NAMES)

    @unittest.skipUnless(os.environ.get("KB3D_TEST_DATA"), "needs the classifier and photographs")
    def test_it_knows_parrots_and_motorcycles(self):
        try:
            network = SegmentNetwork().begin(0).eval()
        except ImportError:
            self.skipTest("needs tflite")
        for picture, group in (("23", "bird"), ("05", "cycle")):
            with torch.no_grad():
                seen = to_tensor(load_picture(paths.data_path("photos", "kodak", picture + ".png")))[..., :512, :512]
                most = network.names(network.encoder(seen)[4]).amax((2, 3))[0]
            self.assertEqual(list(GROUPS)[most.argmax()], group)


class Network(unittest.TestCase):
    def test_it_takes_any_multiple_of_32_and_answers_with_probabilities(self):
        network = SegmentNetwork().eval()
        with torch.no_grad():
            for size in ((32, 64), (96, 32)):
                answer = network(torch.rand(1, 3, *size))
                self.assertEqual(answer.shape, (1, 5, *size))
                self.assertLess((answer.sum(1) - 1).abs().max().item(), 1e-5)


if __name__ == "__main__":
    unittest.main()
