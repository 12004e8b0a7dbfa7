"""Networks from the command's side: where they are looked for, what is refused, and where they run."""
import json
import os
import struct

import files
from good import SMALL, color, flat, look, picture
from harness import Skip

DEPTH = {"kb3d_manifest": 1, "role": "depth", "name": "test", "output": "disparity",
         "input": {"size": {"long_side": 64, "multiple": 32}}}
SEGMENT = {"kb3d_manifest": 1, "role": "segment", "name": "classes", "output": "class_scores", "classes": {"sky": [1]}}


def add(b, name, manifest=None, data=b"weights"):
    """A file that is no network, with a manifest."""
    b.file(name + ".pt", data)
    if manifest is not None:
        b.file(name + ".json", manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode())
    return name + ".pt"


def link(b, name, source, manifest):
    if not os.path.exists(source):
        raise Skip("there is no " + source)
    if not os.path.exists(b.path(name + ".pt")):
        os.symlink(os.path.abspath(source), b.path(name + ".pt"))
    b.file(name + ".json", json.dumps(manifest).encode())
    b.file("probe.ppm", files.ppm(8, 8, color))
    return name + ".pt"


def small(b, name, **changes):
    """One of the small networks that the build makes, if there is a module to run it."""
    folder = os.environ.get("KB3D_TEST_MODELS")
    if not folder:
        raise Skip("KB3D_TEST_MODELS names no folder with small networks")
    return link(b, name, os.path.join(folder, name + ".pt"), {**DEPTH, **changes})


def worker(b):
    """The options for the worker, if there is one; the network `bright` is there then."""
    words = ["--networks", "worker"]
    model = small(b, "bright")
    run = b.run("depth", "probe.ppm", "-o", "probe.png", "--model", "depth=" + model, *words, "-q")
    if run.status and ("not built" in run.err or "not installed" in run.err):
        raise Skip("no worker: " + run.err)
    assert run.status == 0, run.err
    return words


def real(b):
    """The options for a real network, where there is one and the module to run it."""
    data = os.environ.get("KB3D_TEST_DATA")
    if not data:
        raise Skip("KB3D_TEST_DATA names no folder with a network")
    link(b, "net", os.path.join(data, "models", "tiefenrausch.pt"), DEPTH)
    run = b.run("depth", "probe.ppm", "-o", "probe.png", "--model", "depth=net.pt", "-q")
    if run.status and "kb3d-torch" in run.err:
        raise Skip("no torch module: " + run.err)
    assert run.status == 0, run.err
    return ["--model", "depth=net.pt"]


def searching(folders):
    return {"env": {**os.environ, "KB3D_MODEL_PATH": folders}}


def role_line(run, role):
    return next(line for line in run.out.splitlines() if line.startswith(role + " "))


def test_info_tells_of_models(b):
    add(b, "a/depth", {**DEPTH, "name": "First", "version": "7", "licence": "MIT"})
    add(b, "b/depth", {**DEPTH, "name": "Second"})
    add(b, "b/segment", {**SEGMENT, "name": "Found"})
    add(b, "b/inpaint", b"{")
    run = b.works("info", "--model-path", "a:b")
    assert "First 7, licence MIT, a/depth.pt" in role_line(run, "depth"), run.out
    assert "Found" in role_line(run, "segment") and "b/segment.pt" in role_line(run, "segment"), run.out
    assert role_line(run, "refine").split(None, 1)[1] == "no refine network", run.out
    assert "a:b, then nowhere else" in role_line(run, "models"), run.out
    assert "b/inpaint.json" in role_line(run, "inpaint"), run.out
    assert "Second" in role_line(b.works("info", **searching("b:a")), "depth"), "the environment's folders"
    run = b.works("info", "--model-path", "a", **searching("b"))
    assert "First" in role_line(run, "depth") and "Found" in role_line(run, "segment"), "after those of the option"
    run = b.works("info", "--model-path", "b", "--model", "depth=a/depth.pt")
    assert "First" in role_line(run, "depth"), "what is named counts"


def test_models_by_name(b):
    add(b, "models/deep", DEPTH)
    add(b, "here", DEPTH)
    for name in ("deep", "deep.pt", "here.pt", "models/deep.pt"):
        run = b.works("info", "--model-path", "models", "--model", "depth=" + name)
        assert name.split("/")[-1].split(".")[0] + ".pt" in role_line(run, "depth"), run.out
    b.fails("info", "--model", "depth=deep", names="deep.pt")
    run = b.fails("info", "--model-path", "nowhere:models", "--model", "depth=deeper", names="deeper.pt",
                  **searching("elsewhere"))
    assert all(place in run.err for place in ("nowhere", "models", "elsewhere", "share/kb3d")), run.err
    b.fails("info", "--model-path", "models", "--model", "depth=./deep.pt", names="./deep.pt")


def test_an_empty_path_ends_the_search(b):
    add(b, "models/depth", DEPTH)
    assert "no depth network" in role_line(b.works("info", "--model-path", "", **searching("models")), "depth")
    assert "models/depth.pt" in role_line(b.works("info", "--model-path", "models", **searching("")), "depth")
    run = b.fails("info", "--model-path", "", "--model", "depth=deep", names="deep.pt", **searching("models"))
    assert "not looked for" in run.err, run.err


def test_no_depth_anywhere(b):
    picture(b)
    run = b.fails("depth", "in.ppm", "-o", "o.png", "--model-path", "nowhere", names="in.ppm")
    assert all(text in run.err for text in ("depth.pt is in none of nowhere.", "--model depth=FILE", "--depth FILE")), run.err
    run = b.fails("depth", "in.ppm", "-o", "o.png", "--model", "segment=" + add(b, "seg", SEGMENT), names="in.ppm")
    assert "--depth FILE" in run.err, run.err
    b.fails("view", "in.ppm", "-o", "o.png", "--depth", flat(b), "--extend", "network", names="inpaint.pt")


def test_missing_manifests(b):
    for role in ("depth", "refine", "inpaint"):
        run = b.run("info", "--model", role + "=" + add(b, "lonely"))
        assert run.status == 0 and run.err.count("\n") == 1 and "lonely.json" in run.err, run.err
        assert b.run("info", "-q", "--model", role + "=lonely.pt").err == ""
    b.fails("info", "--model", "segment=lonely.pt", names="lonely.json")


def test_unknown_keys_warn(b):
    for changes, word in (({"colour": 1}, "colour"), ({"input": {"men": [0, 0, 0]}}, "men"),
                          ({"input": {"size": {"longside": 5}}}, "longside")):
        run = b.run("info", "--model", "depth=" + add(b, "odd", {**DEPTH, **changes}))
        assert run.status == 0 and run.err.count("\n") == 1 and word in run.err and "odd.json" in run.err, run.err
    run = b.run("info", "--model", "segment=" + add(b, "seg", {**SEGMENT, "classes": {"sky": [1], "tree": [2]}}))
    assert run.status == 0 and "tree" in run.err, run.err


def test_bad_manifests(b):
    million = {"input": {"size": {"long_side": 1000000}}}
    for role, manifest, word in (
            ("depth", b"", "net.json"), ("depth", b"{\"role\": ", "net.json"), ("depth", b"[]", "net.json"),
            ("depth", b"\xff\xfe{}", "net.json"), ("depth", b"[" * 5000, "nested"), ("depth", b"{}", "kb3d_manifest"),
            ("depth", {**DEPTH, "kb3d_manifest": 2}, "kb3d_manifest"), ("depth", {**DEPTH, "role": "taste"}, "taste"),
            ("depth", {**DEPTH, "role": 1}, "role"), ("depth", SEGMENT, "segment"), ("segment", DEPTH, "depth"),
            ("refine", DEPTH, "depth"), ("depth", {**DEPTH, **million}, "long_side"),
            ("depth", {**DEPTH, "input": {"size": {"exact": [224, 1000000]}}}, "exact"),
            ("depth", {**DEPTH, "output": "class_ids"}, "class_ids"), ("depth", {**DEPTH, "name": ""}, "name"),
            ("depth", {**DEPTH, "input": {"std": [1, 0, 1]}}, "std"), ("depth", {**DEPTH, "sha256": "12"}, "sha256"),
            ("depth", {**DEPTH, "operators": "../evil.so"}, "operators"),
            ("segment", {**SEGMENT, "classes": {}}, "classes"), ("segment", {**SEGMENT, "classes": 3}, "classes"),
            ("segment", {**SEGMENT, "classes": {"sky": [-1]}}, "sky"),
            ("segment", {**SEGMENT, "classes": {"sky": list(range(65))}}, "sky"),
            ("inpaint", {**DEPTH, "role": "inpaint"}, "disparity"),
            ("depth", json.dumps(DEPTH).encode() + b" " * (1 << 20), "net.json")):
        picture(b)
        run = b.fails("animate", "in.ppm", "--model", role + "=" + add(b, "net", manifest), "-o", "out.mp4",
                      names="net.json")
        assert word in run.err, (manifest, run.err)


def test_models_that_cannot_be(b):
    picture(b)
    add(b, "net", DEPTH)
    os.mkdir(b.path("folder.pt"))
    b.fails("animate", "in.ppm", "--model", "depth=nowhere/net.pt", "-o", "out.mp4", names="nowhere/net.pt")
    b.fails("animate", "in.ppm", "--model", "depth=folder.pt", "-o", "out.mp4", names="folder.pt")
    b.fails("animate", "in.ppm", "--model", "depth=net.pt", "--model", "depth=net.pt", "-o", "out.mp4", names="net.pt")
    b.fails("depth", "in.ppm", "--model", "depth=net.pt", "-o", "net.pt", status=2, names="net.pt")
    b.fails("depth", "in.ppm", "--model", "depth=net.pt", "--depth", flat(b), "-o", "./in.ppm", status=2)


def test_what_is_no_network(b):
    picture(b)
    for name, data in (("text", b"weights"), ("noise", os.urandom(5000)), ("empty", b""),
                       ("zip", b"PK\3\4" + bytes(300) + struct.pack("<4s9H", b"PK\5\6", *[0] * 9))):
        run = b.fails("animate", "in.ppm", "--model", "depth=" + add(b, name, DEPTH, data), "-o", "out.mp4")
        # without a torch module its absence is the cause
        assert name + ".pt" in run.err or "kb3d-torch" in run.err, (name, run.err)


def test_wrong_sha256(b):
    picture(b)
    add(b, "net", {**DEPTH, "sha256": "0" * 64})
    run = b.fails("animate", "in.ppm", "--model", "depth=net.pt", "-o", "out.mp4", names="net.pt")
    assert "sha256" in run.err, run.err


def test_operators_are_not_opened(b):
    picture(b)
    add(b, "net", {**DEPTH, "operators": "operators.so"})
    run = b.fails("animate", "in.ppm", "--model", "depth=net.pt", "-o", "out.mp4", names="net.pt")
    assert "operators.so" in run.err, run.err
    run = b.fails("animate", "in.ppm", "--model", "depth=net.pt", "-o", "out.mp4", "--allow-operators")
    assert "not allow" not in run.err, run.err


def test_small_networks(b):
    picture(b, width=90, height=60)
    for name, changes in (("bright", {}), ("strided", {}), ("dictionary", {"output_key": "out"}),
                          ("tuple", {"output_key": "0"}), ("half", {"output": "depth"})):
        model = small(b, name, **changes)
        b.works("depth", "in.ppm", "--model", "depth=" + model, "-o", "o.pfm")
        width, height, rows = files.read_pfm(b.path("o.pfm"))
        assert (width, height) == (90, 60) and max(map(max, rows)) > min(map(min, rows)), name
    b.works("animate", "in.ppm", "--model", "depth=bright.pt", *SMALL, "-o", "o.mp4")
    b.works("depth", "in.ppm", "--model", "depth=bright.pt", "-o", "o.pfm", "--stage", "estimate", "--quality", "high")
    assert files.read_pfm(b.path("o.pfm"))[:2] == (64, 32)


def test_verbose_names_the_networks(b):
    model = small(b, "bright", version="8.1")
    run = b.run("depth", "probe.ppm", "--model", "depth=" + model, "-o", "o.png", "-v")
    lines = [line for line in run.err.splitlines() if line.startswith("kb3d: depth network: test 8.1, ")]
    assert run.status == 0 and len(lines) == 1 and "libtorch" in lines[0] and " ms" in lines[0], run.err


def test_small_networks_that_fail(b):
    picture(b, width=90, height=60)
    for name, changes, word in (("throws", {}, "good enough"), ("nan", {}, "no number"), ("five", {}, "dimensions"),
                                ("mismatch", {}, "mismatch.pt"), ("truncated", {}, "truncated.pt"),
                                ("text", {}, "TorchScript"), ("number", {}, "number.pt"),
                                ("dictionary", {"output_key": "no"}, "\"no\""), ("same", {}, "1x3x"),
                                ("bright", {"entry": "forwards"}, "forwards")):
        model = small(b, name, **changes)
        run = b.fails("animate", "in.ppm", "--model", "depth=" + model, "-o", "out.mp4", names=model)
        assert word in run.err, (name, run.err)
        os.unlink(b.path(model))


def test_a_network_cannot_talk(b):
    model = small(b, "prints")
    run = b.run("depth", "probe.ppm", "--model", "depth=" + model, "-o", "o.png")
    assert run.out == "" and "talks" not in run.err and "warns" not in run.err, run.out + run.err


def test_worker(b):
    words = worker(b)
    picture(b, width=90, height=60)
    b.works("depth", "in.ppm", "--model", "depth=bright.pt", "-o", "there.pfm", *words, "--worker-memory", "8G",
            "--worker-time", "60000")
    b.works("depth", "in.ppm", "--model", "depth=bright.pt", "-o", "here.pfm", "--networks", "process")
    assert open(b.path("here.pfm"), "rb").read() == open(b.path("there.pfm"), "rb").read()
    run = b.run("depth", "in.ppm", "--model", "depth=bright.pt", "-o", "o.png", *words, "-v")
    assert "worker, libtorch" in run.err, run.err
    for name, word in (("throws", "good enough"), ("truncated", "truncated.pt"), ("text", "TorchScript")):
        b.fails("depth", "in.ppm", "--model", "depth=" + small(b, name), "-o", "out.png", *words, names=name + ".pt")


def test_worker_limits(b):
    words = worker(b)
    run = b.fails("depth", "probe.ppm", "--model", "depth=" + small(b, "endless"), "-o", "out.png", *words,
                  "--worker-time", "1500", names="endless.pt")
    assert "1500 ms" in run.err, run.err
    if os.environ.get("KB3D_TEST_SANITIZED"):
        return  # a sanitizer takes more memory than any limit
    run = b.fails("depth", "probe.ppm", "--model", "depth=" + small(b, "huge"), "-o", "out.png", *words,
                  "--worker-memory", "1500M", names="huge.pt")
    assert "1500 MB" in run.err, run.err
    b.fails("depth", "probe.ppm", "--model", "depth=bright.pt", "-o", "out.png", *words, "--worker-memory", "5M")


def oldest_torch():
    """The environment for the libtorch that the small networks were made by."""
    modules = [name for folder in os.environ["KB3D_PLUGIN_PATH"].split(":") for name in os.listdir(folder)
               if name.startswith("kb3d-torch-") and name.endswith(".so")]
    versions = [name[len("kb3d-torch-"):-len(".so")] for name in modules]
    return {"env": {**os.environ, "KB3D_TORCH": min(versions, key=lambda v: [int(part) for part in v.split(".")])}}


def step(b):
    """A near half before a far one."""
    b.file("in.ppm", files.ppm(120, 80, lambda x, y: (200, 60, 40) if x < 50 else (40, 90, 200)))
    b.file("step.pfm", files.pfm(120, 80, lambda x, y: 1.0 if x < 50 else 0.2))


def uncovered(b, *more):
    """What is painted in: its colours, and the view's file."""
    b.works("view", "in.ppm", "-o", "o.png", "--holes", "holes.png", "--depth", "step.pfm", "--focal", "100",
            "--translate", "0.2,0,0", *more)
    _, _, size, rows = files.read_png(b.path("o.png"))
    holes = files.read_png(b.path("holes.png"))[3]
    found = [row[size * x:size * x + 3] for row, flags in zip(rows, holes) for x, flag in enumerate(flags) if flag]
    assert len(found) > 800, len(found)
    with open(b.path("o.png"), "rb") as file:
        return found, file.read()


def share_of(pixels, wanted):
    return sum(all(abs(a - w) < 8 for a, w in zip(pixel, wanted)) for pixel in pixels) / len(pixels)


def test_painting_networks(b):
    step(b)
    size = {"size": {"long_side": 128, "multiple": 16}}
    two = small(b, "two_entries", role="inpaint", entry="inpaint", context="context",
                output="color_and_inverse_depth", input=size)
    one = small(b, "one_entry", role="inpaint", output="color", input=size)
    far = small(b, "depth_only", role="inpaint_depth", output="inverse_depth", input=size)
    plain, classical = uncovered(b, "--extend", "classical", "--model", "inpaint=" + two)
    assert share_of(plain, (40, 90, 200)) > 0.8
    brown = {}
    for words in (["--networks", "process"], worker(b)):
        for words in (words, words + ["--model", "inpaint_depth=" + far]):
            for model in (two, one):
                pixels, view = uncovered(b, "--model", "inpaint=" + model, "--extend", "network", *words)
                assert share_of(pixels, (77, 77, 77)) > 0.6, (model, words, share_of(pixels, (77, 77, 77)))
                brown.setdefault((model, "inpaint_depth=" + far in words), set()).add(view)
    assert all(len(views) == 1 for views in brown.values()), "the worker's views are the process's"
    for model, changes, word in ((two, {"context": "look"}, "look"), (two, {"entry": "paint"}, "paint")):
        manifest = {**DEPTH, "role": "inpaint", "output": "color_and_inverse_depth", "entry": "inpaint",
                    "context": "context", **changes}
        b.file("two_entries.json", json.dumps(manifest).encode())
        run = b.fails("view", "in.ppm", "-o", "o.png", "--depth", "step.pfm", "--translate", "0.2,0,0", "--extend",
                      "network", "--model", "inpaint=" + model, names=model)
        assert "no method" in run.err and word in run.err, run.err


def test_custom_operators(b):
    library = "kb3d-test-operators.so"
    model = small(b, "custom", operators=library)
    source = os.path.join(os.environ["KB3D_TEST_MODELS"], "..", library)
    if not os.path.exists(source):
        raise Skip("there is no " + source)
    os.symlink(os.path.abspath(source), b.path(library))
    words = ["depth", "probe.ppm", "-o", "out.png"]
    b.fails(*words, "--model", "depth=" + model, names=library)
    words.append("--allow-operators")
    for place in ([], worker(b)):  # it answers twice its input, which is no depth: so it ran
        b.fails(*words, *place, "--model", "depth=" + model, names="1x3x64x64", **oldest_torch())
    dies = small(b, "dies", operators=library)
    run = b.fails(*words, *worker(b), "--model", "depth=" + dies, names=dies, **oldest_torch())
    assert "ended" in run.err, run.err


def test_bench_of_networks(b):
    model = small(b, "bright")
    told = json.loads(b.works("bench", "--json", "--size", "128x96", "--model", "depth=" + model).out)
    assert all(key.endswith(("_fps", "_ms", "_mb")) and value >= 0 for key, value in told.items()), told
    for key in ("depth_process_load_ms", "depth_process_weights_mb", "depth_process_1_threads_first_ms",
                "depth_process_1_threads_warm_ms", "photo_to_frame_128x96_ms"):
        assert key in told, (key, told)
    told = json.loads(b.works("bench", "--json", "--size", "128x96", "--model", "depth=" + model, "--threads", "2",
                              "--networks", "process").out)
    assert "depth_process_2_threads_warm_ms" in told and "depth_process_1_threads_warm_ms" not in told, told
    b.fails("bench", "--size", "128x96", "--model", "depth=" + small(b, "throws"))


def test_real_network(b):
    options = real(b)
    picture(b, width=90, height=60)
    b.works("animate", "in.ppm", *options, *SMALL, "-o", "o.mp4")
    b.works("depth", "in.ppm", *options, "-o", "o.pfm", "--stage", "estimate")
    width, height, rows = files.read_pfm(b.path("o.pfm"))
    assert (width, height) == (64, 32) and max(map(max, rows)) > min(map(min, rows))
    assert look(b, "in.ppm")[:2] == (90, 60)


def test_batch_skips_a_bad_file(b):
    picture(b, "in/a.ppm")
    b.file("in/b.ppm", b"P6\n9 9\n255\n")
    picture(b, "in/c.ppm")
    picture(b, "more/a.ppm")
    model = small(b, "bright")
    run = b.run("animate", "in", "more/a.ppm", "-o", "out/", "--frames", "pictures", "--model", "depth=" + model, *SMALL)
    assert run.status == 1 and len(run.err.splitlines()) == 1 and "in/b.ppm" in run.err, run.err
    assert b.list("out") == ["a-2.mp4", "a.mp4", "c.mp4"] and b.list("pictures") == ["a", "a-2", "c"]
    assert len(b.list("pictures/a-2")) == 5
