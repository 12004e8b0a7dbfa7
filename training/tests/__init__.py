"""Tests of the training room: python -m unittest discover -s training/tests -t ."""

import torch

# Small tensors: more threads only wait for each other.
torch.set_num_threads(1)
