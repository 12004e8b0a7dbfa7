"""What a manifest promises of a network, tried: inputs as the library gives them, answers of the shapes it takes.

docs/models.md has the format.
"""

import hashlib
import json
import os
import re

import torch

from .errors import Refused

OUTPUTS = {
    "depth": ("disparity", "affine_inverse_depth", "depth", "metric_depth"),
    "segment": ("class_scores", "class_ids"),
    "refine": ("inverse_depth",),
    "inpaint": ("color", "color_and_inverse_depth"),
    "inpaint_depth": ("inverse_depth",),
}
USUAL_SIZE = {"multiple": 32}
CONTEXT_MAX = 64


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def check_name(path):
    """Published files often bear the start of their sha256: one of another content is damaged or not what it says."""
    told = re.search(r"-([0-9a-f]{8})\.[a-z]+$", os.path.basename(path))
    digest = sha256(path)
    if told and not digest.startswith(told.group(1)):
        raise Refused("%s: its sha256 is %s, which is not the one in its name: fetch it again" % (path, digest))
    return digest


def read_manifest(path):
    try:
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
    except ValueError as error:
        raise Refused("%s: it is no JSON: %s" % (path, error)) from error
    if not isinstance(manifest, dict) or manifest.get("kb3d_manifest") != 1:
        raise Refused('%s: it is no manifest: "kb3d_manifest" is not 1' % path)
    if manifest.get("output") not in OUTPUTS.get(manifest.get("role"), ()):
        raise Refused('%s: "role" and "output" do not fit together' % path)
    return manifest


def sides(manifest, least):
    """Two sides that the manifest allows, of `least` pixels or little more."""
    size = manifest.get("input", {}).get("size", USUAL_SIZE)
    if "exact" in size:
        return size["exact"][1], size["exact"][0]
    multiple, offset = size.get("multiple", 32), size.get("offset", 0)
    count = max(1, (least - offset + multiple - 1) // multiple)
    return multiple * count + offset, multiple * (count + 1) + offset


def rand(channels, height, width, generator):
    return torch.rand(1, channels, height, width, generator=generator)


def requests(manifest, height, width, seed):
    """Method to its inputs. The context's channels are given by a function of its answer."""
    generator = torch.Generator().manual_seed(seed)
    rules = manifest.get("input", {})
    mean, deviation = (torch.tensor(rules.get(key, [x] * 3)).view(1, 3, 1, 1) for key, x in (("mean", 0.0), ("std", 1.0)))
    picture = (rand(3, height, width, generator) - mean) / deviation
    depth = rand(1, height, width, generator)
    mask = (rand(1, height, width, generator) > 0.3).float()
    entry, role = manifest.get("entry", "forward"), manifest["role"]
    if role in ("depth", "segment"):
        return {entry: (picture,)}
    if role == "refine":
        part = 1 if rules.get("depth_size") == "picture" else 4
        return {entry: (picture, depth[:, :, : max(1, height // part), : max(1, width // part)])}
    if manifest["output"] == "color":
        return {entry: (picture * mask, mask)}
    if "context" in manifest:
        context = lambda answer: answer * mask
        return {manifest["context"]: (picture, depth), entry: (picture, depth, context, mask)}
    return {entry: (picture * mask if role == "inpaint" else picture, depth * mask, mask)}


def run(network, manifest, height, width, seed=1):
    """The inputs of each method and its answers, as tuples."""
    done, last = {}, None
    for method, inputs in requests(manifest, height, width, seed).items():
        inputs = tuple(x(last[0]) if callable(x) else x for x in inputs)
        if not hasattr(network, method):
            raise Refused('the network has no method "%s"' % method)
        try:
            with torch.no_grad():
                answer = getattr(network, method)(*inputs)
        except Exception as error:  # what a network raises is its own
            raise Refused("the network fails at %d x %d: %s" % (width, height, str(error).strip().splitlines()[-1])) from error
        last = parts(answer, manifest.get("output_key", ""))
        done[method] = inputs, last
    return done


def parts(answer, key):
    if isinstance(answer, dict):
        answer = answer.get(key) if key else next(iter(answer.values()), None)
    elif key:
        answer = answer[int(key)] if isinstance(answer, (tuple, list)) and int(key) < len(answer) else None
    answer = tuple(answer) if isinstance(answer, (tuple, list)) else (answer,)
    if not all(torch.is_tensor(x) for x in answer):
        raise Refused("the network answers something else than tensors")
    return answer


def check_answers(done, manifest):
    """Ranks and planes as the library takes them, and numbers in them."""
    wanted = {"color": [3], "color_and_inverse_depth": [3, 1], "class_scores": [None]}.get(manifest["output"], [1])
    for method, (_, answers) in done.items():
        if method == manifest.get("context"):
            if answers[0].dim() != 4 or answers[0].shape[1] > CONTEXT_MAX:
                raise Refused("the context is %s, not 1xCxHxW with C up to %d" % (list(answers[0].shape), CONTEXT_MAX))
            continue
        if len(answers) < len(wanted):
            raise Refused("the network answers %d tensors of %d" % (len(answers), len(wanted)))
        for answer, planes in zip(answers, wanted):
            shape = list(answer.shape)
            flat = planes == 1 and (len(shape) == 2 or (len(shape) == 3 and shape[0] == 1))
            if not flat and (len(shape) != 4 or shape[0] != 1 or planes not in (None, shape[1])):
                raise Refused("the network answers %s, which is no %s" % (shape, manifest["output"]))
            if not torch.isfinite(answer).any():
                raise Refused("the network answers no number")


def write_manifest(path, manifest):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2)
        file.write("\n")
