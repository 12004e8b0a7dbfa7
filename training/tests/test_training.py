"""Stopped and resumed training gives the same weights; batches do not depend on who makes them."""

import tempfile
import unittest
from unittest import mock

import numpy as np
import torch

from training import data, train
from training.networks import parts
from training.networks.mobilenet import MobileNet

CONFIG = {
    "task": "depth",
    "seed": 3,
    "device": "cpu",
    "threads": 1,
    "workers": 0,
    "half_precision": False,
    "start_from": None,
    "steps": 8,
    "warm_steps": 2,
    "save_every": 1,
    "evaluate_every": 100,
    "rate": 0.001,
    "encoder_rate": 0.0003,
    "encoder_frozen": 1,
    "average_decay": 0.9,
    "pixels": 8192,
    "sizes": [[32, 64], [64, 32]],
    "shares": {"scenes": 1.0},
    "loss": {"correlation": 1.0, "ranking": 1.0, "absolute": 0.1, "gradient": 0.1},
}


class Ramps:
    """A source of slanted planes."""

    count = 10

    def get(self, number):
        depth = np.linspace(0.1, 1, 80, dtype=np.float32)[:, None] * np.linspace(
            1, 1 + number / 5, 100, dtype=np.float32
        )
        picture = (np.clip(depth, 0, 1) * 255).astype(np.uint8)
        return {
            "picture": np.repeat(picture[..., None], 3, 2),
            "depth": depth,
            "weight": np.ones_like(depth),
            "exact": 1.0,
            "measured": 1.0,
        }


def batches():
    return data.Batches(CONFIG, {"scenes": Ramps()})


def new_trainer(folder):
    with mock.patch.object(parts, "load_imagenet", MobileNet):
        return train.Trainer(CONFIG, folder)


class Resuming(unittest.TestCase):
    def test_stopping_changes_nothing(self):
        made = batches()
        with tempfile.TemporaryDirectory() as straight, tempfile.TemporaryDirectory() as stopped:
            whole = new_trainer(straight)
            for step in range(4):
                whole.learn(made[step])
            first = new_trainer(stopped)
            for step in range(2):
                first.learn(made[step])
            first.save()
            second = new_trainer(stopped)
            second.resume()
            self.assertEqual(second.step, 2)
            for step in range(2, 4):
                second.learn(made[step])
            for one in ("network", "average"):
                own = getattr(whole, one) if one == "network" else whole.average.network
                other = getattr(second, one) if one == "network" else second.average.network
                for name, value in own.state_dict().items():
                    self.assertTrue(torch.equal(value, other.state_dict()[name]), name)

    def test_learning_lowers_the_loss(self):
        trainer, batch = None, batches()[0]
        with tempfile.TemporaryDirectory() as folder:
            trainer = new_trainer(folder)
            trainer.config["steps"] = 1000
            losses = [trainer.learn(batch)["loss"] for _ in range(8)]
        self.assertLess(losses[-1], losses[0] * 0.9)


class BatchesOfASeed(unittest.TestCase):
    def test_a_batch_is_the_same_whoever_makes_it(self):
        first, second = batches(), batches()
        for step in (3, 1):
            for name, value in first[step].items():
                self.assertTrue(torch.equal(value, second[step][name]), name)
        self.assertFalse(torch.equal(first[4]["depth"].sum(), first[5]["depth"].sum()))


if __name__ == "__main__":
    unittest.main()
