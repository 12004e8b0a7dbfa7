"""Saves a trained network as TorchScript with its manifest, for libtorch from 1.13 on.

    python -m training.export CHECKPOINT OUT.pt --name NAME [--version V] [--long-side 384]

The weights are stored as half floats and cast when the network runs, which costs a few milliseconds and needs
nothing of the program that loads the file. Batch norm is folded into the convolutions first.
"""

import argparse
import hashlib
import json
import os

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.networks import load_checkpoint
from training.tasks import TASKS


class HalfConvolution(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.register_buffer("half_weight", layer.weight.detach().half())
        self.register_buffer("half_bias", None if layer.bias is None else layer.bias.detach().half())
        self.stride, self.padding = layer.stride, layer.padding
        self.dilation, self.groups = layer.dilation, layer.groups

    @property
    def weight(self):
        """Partial convolutions take it from here."""
        return self.half_weight.float()

    @property
    def bias(self):
        return None if self.half_bias is None else self.half_bias.float()

    def forward(self, x):
        return functional.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class HalfLinear(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.register_buffer("weight", layer.weight.detach().half())
        self.register_buffer("bias", layer.bias.detach().half())

    def forward(self, x):
        return functional.linear(x, self.weight.float(), self.bias.float())


def fold_norms(network):
    """Sequences of convolution and batch norm become the convolution alone."""
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            for k in range(len(module) - 1):
                if isinstance(module[k], nn.Conv2d) and isinstance(module[k + 1], nn.BatchNorm2d):
                    module[k] = fuse_conv_bn_eval(module[k], module[k + 1])
                    module[k + 1] = nn.Identity()


def store_half(module):
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(module, name, HalfConvolution(child))
        elif isinstance(child, nn.Linear):
            setattr(module, name, HalfLinear(child))
        else:
            store_half(child)


def examples(network, height, width, seed):
    """For each entry of the network its inputs: usually one entry, `forward`, and one input, the picture. Others say so:
    `ENTRIES`, name to each input's channels and what part of the picture's size it has."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: tuple(
            torch.rand(1, channels, height // part, width // part, generator=generator) for channels, part in inputs
        )
        for name, inputs in getattr(network, "ENTRIES", {"forward": ((3, 1),)}).items()
    }


def trace(network):
    """Traced, not scripted: what a newer release scripts, 1.13 may not know."""
    with torch.no_grad():
        traced = torch.jit.trace_module(network, examples(network, 192, 256, 1), check_trace=False)
        for name, inputs in examples(network, 256, 160, 2).items():
            own, other = getattr(network, name)(*inputs), getattr(traced, name)(*inputs)
            pairs = zip(own, other) if isinstance(own, tuple) else [(own, other)]
            difference = max((one - two).abs().max().item() for one, two in pairs)
            if difference > 1e-3:
                raise SystemExit("the traced %s differs at another size by %g" % (name, difference))
    return traced


def write_manifest(path, role, arguments):
    """What differs between roles is told by the task."""
    task = TASKS[role]
    with open(arguments.out, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    manifest = {
        "kb3d_manifest": 1,
        "role": role,
        "name": arguments.name,
        "version": arguments.version,
        "licence": arguments.licence,
        "input": {
            "order": "rgb",
            "mean": [0, 0, 0],
            "std": [1, 1, 1],
            "size": {"long_side": arguments.long_side or task.LONG_SIDE, "multiple": 32, "offset": 0},
        },
        **task.MANIFEST,
        "sha256": digest,
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", default="1")
    parser.add_argument("--licence", default="MIT, encoder Apache-2.0")
    parser.add_argument("--long-side", type=int, help="what the network is asked at, instead of its task's usual")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network, role = load_checkpoint(arguments.checkpoint)
    fold_norms(network)
    store_half(network)
    trace(TASKS[role].finish(network)).save(arguments.out)
    write_manifest(os.path.splitext(arguments.out)[0] + ".json", role, arguments)


if __name__ == "__main__":
    main()
