"""A network, traced, saved and tried, with its manifest beside it."""

import os
from dataclasses import dataclass, field
from typing import Callable

import torch

from .errors import Refused
from .manifest import check_answers, check_name, requests, run, sha256, sides, write_manifest

TRIED_SIDE = 64


@dataclass
class Kind:
    """What one published network is: its files, what makes a network of them, and what its manifest says."""

    name: str
    files: tuple  # names of its files, in the order in which they are given
    title: str
    licence: str
    source: str
    role: str
    output: str
    size: dict
    build: Callable  # of the files' paths, a network that answers as the manifest says
    input: dict = field(default_factory=dict)
    more: dict = field(default_factory=dict)
    note: str = ""  # what else the user must know before using it

    def manifest(self, long_side=None):
        size = dict(self.size)
        if long_side:
            if "exact" in size:
                raise Refused("%s has one size only, %d x %d" % (self.name, *size["exact"]))
            size["long_side"] = long_side
        return {
            "kb3d_manifest": 1,
            "role": self.role,
            "name": self.title,
            "licence": self.licence,
            "source": self.source,
            "input": {**self.input, "size": size},
            "output": self.output,
            **self.more,
        }


def trace(network, manifest):
    """Traced, not scripted: what a newer release scripts, an older one may not know."""
    done = run(network, manifest, *sides(manifest, TRIED_SIDE))
    check_answers(done, manifest)
    inputs = {method: given for method, (given, _) in done.items()}
    with torch.no_grad():
        return torch.jit.trace_module(network, inputs, check_trace=False)


def compare(network, saved, manifest):
    """The file must answer as the network, at sizes that it was not traced with too."""
    height, width = sides(manifest, TRIED_SIDE)
    for size in ((height, width), (width, height)):
        own, other = run(network, manifest, *size, seed=2), run(saved, manifest, *size, seed=2)
        for method in own:
            for one, two in zip(own[method][1], other[method][1]):
                if one.shape != two.shape or (one - two).abs().max() > 1e-5 * (1 + one.abs().max()):
                    raise Refused("the traced network answers otherwise at %d x %d" % size)


def save(network, manifest, out):
    """OUT.pt and OUT.json; the answer is OUT.pt's sha256."""
    part = out + ".part"
    try:
        trace(network, manifest).save(part)
        compare(network, torch.jit.load(part, map_location="cpu").eval(), manifest)
        os.replace(part, out)
    finally:
        if os.path.exists(part):
            os.remove(part)
    manifest = {**manifest, "sha256": sha256(out)}
    write_manifest(os.path.splitext(out)[0] + ".json", manifest)
    return manifest["sha256"]


def check_out(out, paths):
    if not out.endswith(".pt"):
        raise Refused("%s: the library looks for files that end in .pt" % out)
    folder = os.path.dirname(os.path.abspath(out))
    if not os.path.isdir(folder):
        raise Refused("%s: there is no such folder" % folder)
    if any(os.path.exists(out) and os.path.samefile(out, path) for path in paths):
        raise Refused("%s: it would be written over what is read" % out)


def convert(kind, paths, out, long_side=None, tell=print):
    check_out(out, paths)
    for path in paths:
        tell("%s: sha256 %s" % (path, check_name(path)))
    manifest = kind.manifest(long_side)
    digest = save(kind.build(*paths).eval(), manifest, out)
    tell("%s: sha256 %s" % (out, digest))
    tell("%s, for %s, from %s" % (kind.title, kind.role, kind.source))
    tell("licence: %s" % kind.licence)
    if kind.note:
        tell(kind.note)
