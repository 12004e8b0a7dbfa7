"""A network that learns to tell painted views from real ones, beside the one that paints, which learns to deceive it.

Least squares: Mao et al., 2017. `rival` in a configuration: {"rate", "every", "wait", "round"}. The painter learns at
every `every`th step only, and in the first `wait` of each `round` steps not at all, so that its rival is ahead.
"""

import torch
from torch import nn

from training.looks import TAPS, judge, widths
from training.networks.published import PUBLISHED


class Rival:
    """`paint(network, batch)` gives colour and disparity of all pixels; `truth` and `truth_depth` in it are real."""

    def __init__(self, config, paint, device):
        self.settings, self.paint = config["rival"], paint
        self.network = PUBLISHED["multi_scale_discriminator"](4, widths(config["judge"])).under_spectral_norm()
        self.network.to(device).train()
        self.judge = judge(str(device), config["judge"])
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.settings["rate"])

    def lets_learn(self, step):
        return step % self.settings["round"] >= self.settings["wait"] and step % self.settings["every"] == 0

    def answers(self, color, disparity):
        """How real each place looks, 0..1, at three scales."""
        color = color.clamp(0, 1)
        return self.network(torch.cat([color, disparity], 1), self.judge.first_maps(color, TAPS))

    def distance(self, views, wanted):
        return sum((answer - wanted).square().mean() for answer in self.answers(*views))

    def doubt(self, color, disparity):
        """What it costs to be found out."""
        return self.distance((color, disparity), 1.0)

    def learn(self, network, batch, factor):
        """`factor`: of its rate."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings["rate"] * factor
        with torch.no_grad():
            painted = self.paint(network, batch)
        real = batch["truth"], batch["truth_depth"]
        loss = 0.5 * (self.distance(real, 1.0) + self.distance(painted, 0.0))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        return {"rival": loss}

    def state_dict(self):
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state):
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
