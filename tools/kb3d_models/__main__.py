"""python3 -m kb3d_models KIND FILE ... -o OUT.pt: published weights to TorchScript with a manifest, for libkb3d."""

import argparse
import sys

try:
    import torch
except ImportError:
    sys.exit("kb3d_models: it needs PyTorch (python3-torch)")

from . import depth_anything, ken_burns, midas, painters, photo_inpainting, tiefenrausch
from .convert import convert
from .errors import Refused
from .scripted import take

KINDS = [
    kind
    for family in (ken_burns, photo_inpainting, midas, depth_anything, tiefenrausch, painters)
    for kind in family.KINDS
]


def new_parser():
    parser = argparse.ArgumentParser(prog="python3 -m kb3d_models", description=__doc__.split(": ", 1)[1])
    commands = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind in KINDS:
        command = commands.add_parser(kind.name, help="%s: %s (%s)" % (kind.role, kind.title, kind.licence))
        for name in kind.files:
            command.add_argument(name.lower(), metavar=name)
        command.add_argument("-o", dest="out", metavar="OUT.pt", required=True)
        command.add_argument("--long-side", type=int, help="what the network is asked at, instead of its usual")
    command = commands.add_parser("scripted", help="any TorchScript file, with a manifest that you write (docs/models.md)")
    command.add_argument("torchscript", metavar="TORCHSCRIPT")
    command.add_argument("manifest", metavar="MANIFEST.json")
    command.add_argument("-o", dest="out", metavar="OUT.pt", required=True)
    return parser


def main(words=None):
    arguments = new_parser().parse_args(words)
    try:
        if arguments.kind == "scripted":
            take(arguments.torchscript, arguments.manifest, arguments.out)
            return
        kind = next(kind for kind in KINDS if kind.name == arguments.kind)
        paths = [getattr(arguments, name.lower()) for name in kind.files]
        convert(kind, paths, arguments.out, arguments.long_side)
    except (Refused, OSError) as error:
        sys.exit("kb3d_models: %s" % error)


if __name__ == "__main__":
    main()
