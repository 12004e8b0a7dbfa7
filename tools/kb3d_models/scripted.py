"""Any network that is TorchScript already, traced or scripted, by a manifest: tried once and its sha256 written down."""

import os
import shutil

import torch

from .errors import Refused
from .manifest import check_answers, check_name, read_manifest, run, sha256, sides, write_manifest


def load_scripted(path):
    try:
        return torch.jit.load(path, map_location="cpu").eval()
    except RuntimeError as error:
        raise Refused("%s: it is no TorchScript file, or a damaged one" % path) from error


def take(path, manifest_path, out, tell=print):
    tell("%s: sha256 %s" % (path, check_name(path)))
    manifest = read_manifest(manifest_path)
    check_answers(run(load_scripted(path), manifest, *sides(manifest, 64)), manifest)
    if os.path.abspath(path) != os.path.abspath(out):
        shutil.copyfile(path, out)
    write_manifest(os.path.splitext(out)[0] + ".json", {**manifest, "sha256": sha256(out)})
    tell("%s: sha256 %s" % (out, sha256(out)))
    tell("licence: %s" % manifest.get("licence", "the manifest tells none"))
