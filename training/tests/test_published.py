"""The published networks: the names and shapes of their weights, their sizes, and what they promise of their answers."""

import os
import unittest

import torch

from training.networks.published import PUBLISHED
from training.networks.published.partial import partial_convolution

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "published_weights.txt")
# Their learnt numbers, as the papers' own files hold them.
COUNTS = {
    "semantics": 10592064,
    "disparity": 89346754,
    "refine": 606890,
    "inpaint": 8285640,
    "improved_refine": 604825,
    # Its input has no plane for the mask: 9 windows and a shortcut of 32 less.
    "partial_inpaint": 8285640 - 320,
    "edge_inpaint": 11432129,
    "depth_inpaint": 25781925,
    "color_inpaint": 25789285,
}


def published_weights():
    """Network to name to shape."""
    table, current = {}, None
    with open(TABLE, encoding="utf-8") as file:
        for line in file:
            if line.startswith("["):
                current = table.setdefault(line.strip()[1:-1], {})
            elif not line.startswith("#"):
                first, rest = line.rstrip("\n").split("\t")
                for item in rest.split():
                    last, shape = item.split("=")
                    current["%s.%s" % (first, last)] = tuple(int(side) for side in shape.split("x"))
    return table


def rand(*shape, seed=1):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


class Published(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)

    def test_names_and_shapes(self):
        for published, name in (("disparity", "disparity"), ("refinement", "refine"), ("inpainting", "inpaint")):
            own = {key: tuple(value.shape) for key, value in PUBLISHED[name]().state_dict().items()}
            self.assertEqual(own, published_weights()[published])

    def test_sizes(self):
        for name, count in COUNTS.items():
            learnt = [value for key, value in PUBLISHED[name]().named_parameters() if "mask_conv" not in key]
            self.assertEqual(sum(value.numel() for value in learnt), count, name)

    def test_any_size_of_picture(self):
        estimation, refine = PUBLISHED["estimation"]().eval(), PUBLISHED["refine"]().eval()
        for height, width in ((64, 96), (75, 101)):
            with torch.no_grad():
                half = estimation(rand(1, 3, height, width))
                whole = refine(rand(1, 3, height, width), half)
            self.assertEqual(half.shape[2:], ((height + 1) // 2, (width + 1) // 2))
            self.assertEqual(whole.shape[2:], (height, width))
            self.assertGreaterEqual(whole.min().item(), 0)

    def test_refining_keeps_the_unit(self):
        for name in ("refine", "improved_refine"):
            network, picture, disparity = PUBLISHED[name]().eval(), rand(1, 3, 64, 64), rand(1, 1, 16, 16) + 5
            with torch.no_grad():
                one, ten = network(picture, disparity), network(picture, 10 * disparity)
            torch.testing.assert_close(10 * one, ten, rtol=1e-4, atol=1e-4)

    def test_inpainting_sees_nothing_of_a_hole(self):
        mask = (rand(1, 1, 48, 40) > 0.3).float()
        for name in ("inpaint", "partial_inpaint"):
            network = PUBLISHED[name]().eval()
            picture, depth = rand(1, 3, 48, 40), rand(1, 1, 48, 40)
            with torch.no_grad():
                context = network.context(picture, depth)
                answer = network.inpaint(picture, depth, context, mask)
                hole = 1 - mask
                other = network.inpaint(picture + hole, depth + hole, context + hole, mask)
                elsewhere = network.inpaint(picture + mask * rand(1, 3, 48, 40, seed=2), depth, context, mask)
            for one, two, three in zip(answer, other, elsewhere):
                torch.testing.assert_close(one, two)
                self.assertGreater((one - three).abs().max().item(), 1e-4)

    def test_partial_convolution(self):
        layer = torch.nn.Conv2d(2, 3, 3, padding=1)
        x, mask = rand(1, 2, 9, 9), torch.ones(1, 2, 9, 9)
        whole, known = partial_convolution(layer, x, mask)
        inner = (slice(None), slice(None), slice(1, -1), slice(1, -1))
        torch.testing.assert_close(whole[inner], layer(x)[inner])
        mask[:, :, :, 4:] = 0
        # A constant stays one beside a hole; what sees nothing is zero and unknown.
        constant = torch.nn.Conv2d(2, 1, 3, padding=1)
        torch.nn.init.constant_(constant.weight, 0.1)
        answer, known = partial_convolution(constant, torch.ones_like(x), mask)
        torch.testing.assert_close(answer[0, 0, 1:-1, 1:5], (1.8 + constant.bias).expand(7, 4))
        self.assertEqual(answer[0, 0, :, 5:].abs().max().item(), 0)
        self.assertEqual(known[0, 0, 0].tolist(), [1] * 5 + [0] * 4)

    def test_discriminators(self):
        network = PUBLISHED["multi_scale_discriminator"]().under_spectral_norm()
        features = [rand(2, width, 64 // part, 64 // part) for width, part in ((64, 1), (128, 2), (256, 4))]
        maps = network(rand(2, 4, 64, 64), features)
        self.assertTrue(all(0 <= x.min().item() and x.max().item() <= 1 for x in maps))
        plain = PUBLISHED["multi_scale_discriminator"](3, feature_widths=())
        self.assertEqual([x.shape[1] for x in plain(rand(2, 3, 64, 64))], [1, 1, 1])
        self.assertEqual(PUBLISHED["patch_discriminator"]()(rand(2, 3, 64, 64)).shape[1], 1)

    def test_three_nets_of_3d_photo(self):
        for name, planes, answers in (("edge_inpaint", 7, 1), ("depth_inpaint", 4, 1), ("color_inpaint", 6, 3)):
            network, x = PUBLISHED[name]().eval(), rand(1, planes, 128, 128)
            with torch.no_grad():
                answer = network(x)
            self.assertEqual(answer.shape, (1, answers, 128, 128))
            self.assertTrue(torch.isfinite(answer).all().item())


if __name__ == "__main__":
    unittest.main()
