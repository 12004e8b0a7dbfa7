#!/usr/bin/env python3
"""The networks that ship: shipped.py KB3D ASK MODELS BUILD PHOTO DEPTH [PART OF A TEST'S NAME].

MODELS is the folder that they lie in, BUILD the build area, PHOTO and DEPTH the demo picture and its exact inverse
depth, ASK the program of ask.c. Each network runs in every libtorch that KB3D_PLUGIN_PATH has a module for.
"""
import array
import hashlib
import json
import math
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
sys.dont_write_bytecode = True

import files
import harness

# Rank correlation with the demo picture's exact inverse depth, where "lower is nearer" has .63, Tiefenrausch .70 and an
# untrained network .15: leaves above the lake, close to the lens, are lost on all of them.
DEMO_CORRELATION = 0.6
# Share of the demo picture's sky that lies in one plane once it is told from the rest, and share of the rest that does:
# leaves hang before the one, and mountains are far.
DEMO_SKY, DEMO_FALSE_SKY = 0.5, 0.1
DEPTH_BYTES, ALL_BYTES = 10 * 10 ** 6, 25 * 10 ** 6
# What two versions may differ in, as a part of the answer's spread: they add in another order.
VERSIONS_DIFFER = 2e-3
# Chapters of a card: what it is for, what made it, from what, how good, and what it cannot do.
CHAPTERS = ("Use", "Training", "Data", "Figures", "Limits", "Licence")
SIZES = ((384, 288), (1, 1), (1, 5000), (5000, 1), (50, 3), (3000, 2000))

KB3D, ASK, MODELS, BUILD, PHOTO, DEPTH = map(os.path.abspath, sys.argv[1:7])
ROLES = [role for role in ("depth", "segment", "refine", "inpaint") if os.path.exists(os.path.join(MODELS, role + ".pt"))]


def path_of(role, kind):
    return os.path.join(MODELS, role + kind)


def text_of(role, kind):
    with open(path_of(role, kind), encoding="utf-8") as file:
        return file.read()


def versions():
    found = [re.fullmatch(r"kb3d-torch-(\d+\.\d+)\.so", name) for folder in os.environ["KB3D_PLUGIN_PATH"].split(":")
             for name in os.listdir(folder)]
    return sorted(match.group(1) for match in found if match)


def with_models(version=None):
    env = {**os.environ, "KB3D_MODEL_PATH": MODELS}
    return {"env": {**env, "KB3D_TORCH": version} if version else env}


def ask(b, role, size, version):
    """A network's answer as it came: its shape and its values."""
    run = subprocess.run([ASK, role, path_of(role, ".pt"), str(size[0]), str(size[1]), b.path("answer")],
                         env={**os.environ, "KB3D_TORCH": version}, capture_output=True, text=True)
    assert run.returncode == 0, (role, size, version, run.stderr)
    values = array.array("f")
    with open(b.path("answer"), "rb") as file:
        values.frombytes(file.read())
    return [int(word) for word in run.stdout.splitlines()[0].split()], values


def ranks(values):
    """Equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for k in range(start, end):
            result[order[k]] = (start + end - 1) / 2
        start = end
    return result


def rank_correlation(first, second):
    a, b = ranks(first), ranks(second)
    mean = (len(a) - 1) / 2
    both = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    return both / math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))


def test_depth_and_segmentation_are_there(b):
    assert {"depth", "segment"} <= set(ROLES), ROLES


def test_manifests(b):
    for role in ROLES:
        manifest = json.loads(text_of(role, ".json"))
        assert manifest["role"] == role, role
        for key in ("name", "version", "licence", "source"):
            assert manifest.get(key), (role, key)
        with open(path_of(role, ".pt"), "rb") as file:
            assert manifest["sha256"] == hashlib.sha256(file.read()).hexdigest(), role
        assert re.match(r"(MIT|Apache-2\.0)\b", manifest["licence"]), manifest["licence"]
    told = b.works("info", **with_models()).out  # and no warning: every key is known
    for role in ROLES:
        line = next(line for line in told.splitlines() if line.startswith(role + " "))
        assert json.loads(text_of(role, ".json"))["name"] in line and path_of(role, ".pt") in line, line


def test_cards_and_licences(b):
    for role in ROLES:
        card = text_of(role, ".md")
        chapters = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", card, re.MULTILINE | re.DOTALL))
        for chapter in CHAPTERS:
            assert chapters.get(chapter, "").strip(), "%s.md says nothing under ## %s" % (role, chapter)
        assert "FILL IN" not in card, role + ".md has places to be filled in"
        assert "python -m training." in chapters["Training"], role + ".md has no command that made it"
        licence = text_of(role, ".LICENSE")
        for name, words in (("MIT", "Permission is hereby granted"), ("Apache-2.0", "Apache License")):
            if name in json.loads(text_of(role, ".json"))["licence"]:
                assert words in licence, "%s.LICENSE lacks the text of %s" % (role, name)


def test_sizes(b):
    assert os.path.getsize(path_of("depth", ".pt")) <= DEPTH_BYTES
    whole = sum(os.path.getsize(path_of(role, kind)) for role in ROLES for kind in (".pt", ".json", ".md", ".LICENSE"))
    assert whole <= ALL_BYTES, whole


def test_answers_at_every_size_by_every_version(b):
    for role in ROLES:
        for size in SIZES:
            first = None
            for version in versions():
                shape, values = ask(b, role, size, version)
                assert all(map(math.isfinite, values)), (role, size, version)
                spread = max(values) - min(values)
                assert role != "depth" or size != SIZES[0] or spread > 0, "the same everywhere"
                if first is None:
                    first = shape, values
                difference = max(abs(x - y) for x, y in zip(values, first[1]))
                assert shape == first[0] and difference <= VERSIONS_DIFFER * spread + 1e-6, \
                    (role, size, version, shape, first[0], difference, spread)


def test_odd_pictures(b):
    for width, height in ((1, 1), (1, 5000), (5000, 1), (3, 50)):
        b.file("odd.ppm", files.ppm(width, height, lambda x, y: (x * 5 & 255, y * 7 & 255, 90)))
        for version in versions():
            b.works("depth", "odd.ppm", "-o", "odd.pfm", **with_models(version))
            found_width, found_height, rows = files.read_pfm(b.path("odd.pfm"))
            assert (found_width, found_height) == (width, height)
            assert all(math.isfinite(value) and value >= 0 for row in rows for value in row), (width, height, version)


def test_depth_of_the_demo_picture(b):
    truth = [value for row in files.read_pfm(DEPTH)[2] for value in row]
    for version in versions():
        b.works("depth", PHOTO, "-o", "found.pfm", **with_models(version))
        found = [value for row in files.read_pfm(b.path("found.pfm"))[2] for value in row]
        correlation = rank_correlation(found, truth)
        print("     libtorch %s: rank correlation %.3f" % (version, correlation))
        assert correlation > DEMO_CORRELATION, correlation


def test_sky_of_the_demo_picture(b):
    truth = [value for row in files.read_pfm(DEPTH)[2] for value in row]
    for version in versions():
        b.works("depth", PHOTO, "-o", "found.pfm", **with_models(version))
        found = [value for row in files.read_pfm(b.path("found.pfm"))[2] for value in row]
        sky = sorted(value for value, true in zip(found, truth) if true == 0)
        plane = sky[len(sky) // 2]
        rest = [value for value, true in zip(found, truth) if true > 0]
        shares = sky.count(plane) / len(sky), rest.count(plane) / len(rest)
        print("     libtorch %s: in one plane %.3f of the sky, %.3f of the rest" % (version, *shares))
        assert shares[0] > DEMO_SKY and shares[1] < DEMO_FALSE_SKY, shares


def test_bench_states_the_time(b):
    told = b.works("bench", "--json", "--size", "384x288", "--threads", "1", "--networks", "process", **with_models()).out
    for role in ("depth", "segment"):
        assert json.loads(told)[role + "_process_1_threads_warm_ms"] > 0, told


def test_no_option_in_the_build_area(b):
    with open(PHOTO, "rb") as photo:
        b.file("photo.ppm", photo.read())
    env = {name: value for name, value in os.environ.items() if name not in ("KB3D_MODEL_PATH", "KB3D_PLUGIN_PATH")}
    run = subprocess.run(["meson", "devenv", "-C", BUILD, "sh", "-c", 'cd "$1" && kb3d animate photo.ppm', "sh", b.folder],
                         env=env, capture_output=True, text=True)
    assert run.returncode == 0 and "kb3d:" not in run.stderr, run.stderr
    assert "photo.mp4" in b.list(), b.list()


if __name__ == "__main__":
    sys.exit(harness.run_all(KB3D, [sys.modules[__name__]], sys.argv[7] if len(sys.argv) > 7 else ""))
