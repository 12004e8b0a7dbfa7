"""The moving average of a network's weights: steadier than the weights themselves."""

import copy

import torch


class MovingAverage:
    def __init__(self, network, decay):
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network, step):
        # Early on a shorter memory, or the first random weights would stay in it.
        decay = min(self.decay, (1 + step) / (10 + step))
        for own, new in zip(self.network.state_dict().values(), network.state_dict().values()):
            if own.dtype.is_floating_point:
                own.lerp_(new, 1 - decay)
            else:
                own.copy_(new)
