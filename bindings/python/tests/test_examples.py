"""The examples, run as they are; those of torch by each Python that has one (KB3D_TEST_TORCH_PYTHONS)."""
import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
PYTHONS = [python for python in os.environ.get("KB3D_TEST_TORCH_PYTHONS", "").split(":") if python]
MODULES = os.environ.get("KB3D_TEST_TORCH_MODULES")


@pytest.fixture
def photo(tmp_path, picture):
    path = tmp_path / "photo.png"
    Image.fromarray(picture).resize((360, 240)).save(path)
    return path


def run(python, name, *words, **more):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KB3D_")}
    done = subprocess.run([python, EXAMPLES / name, *map(str, words)], env=dict(environment, **more),
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_a_frame(path):
    pixels = np.asarray(Image.open(path))
    return pixels.shape == (240, 360, 3) and pixels.std() > 20


def test_onnx(photo, tmp_path):
    """With a small model made here: the mean of the channels."""
    from onnx import TensorProto, helper, save

    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "h", "w"])
               for name, channels in (("picture", 3), ("near", 1))]
    node = helper.make_node("ReduceMean", ["picture", "axes"], ["near"], keepdims=1)
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    graph = helper.make_graph([node], "mean", tensors[:1], tensors[1:], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    save(model, tmp_path / "mean.onnx")
    assert "a model of ONNX" in run(sys.executable, "onnx_network.py", photo, tmp_path / "mean.onnx", tmp_path / "f.png")
    assert is_a_frame(tmp_path / "f.png")


def without_numpy(tmp_path):
    """kb3d and cffi alone, for a Python with a numpy and a torch that fit each other."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in ("kb3d", "cffi", "_cffi_backend", "pycparser"):
        found = pathlib.Path(importlib.util.find_spec(name).origin)
        found = found.parent if found.name == "__init__.py" else found
        (folder / found.name).symlink_to(found)
    return folder


@pytest.mark.skipif(not PYTHONS, reason="no Python with torch")
@pytest.mark.parametrize("python", PYTHONS)
def test_torch(python, photo, tmp_path):
    said = run(python, "torch_network.py", photo, tmp_path / "f.png", PYTHONPATH=str(without_numpy(tmp_path)))
    assert "lower and plainer is nearer torch " in said and "depth by kb3d depth" in said
    assert is_a_frame(tmp_path / "f.png")


@pytest.mark.skipif(not PYTHONS or not MODULES, reason="no Python with torch, or no module for it")
@pytest.mark.parametrize("python", PYTHONS)
def test_the_module_that_fits_the_torch_of_the_process(python, photo, tmp_path):
    code = "import torch, kb3d; s = kb3d.Scene(%r, context=kb3d.Context(networks='process'))\n" \
        "print(s.model('depth').runtime, torch.__version__)" % str(photo)
    said = subprocess.run([python, "-c", code], capture_output=True, text=True,
                          env=dict({k: v for k, v in os.environ.items() if not k.startswith("KB3D_")},
                                   PYTHONPATH=str(without_numpy(tmp_path)), KB3D_PLUGIN_PATH=MODULES))
    assert said.returncode == 0, said.stderr
    kind, module, torch = said.stdout.split()
    assert kind == "libtorch" and module.split(".")[:2] == torch.split(".")[:2]


@pytest.mark.skipif(not PYTHONS, reason="no Python with torch")
def test_torch_is_found_where_there_is_no_module(photo, tmp_path):
    """A wheel without modules, and torch: the scene needs no word about it."""
    code = "import sys, kb3d; s = kb3d.Scene(sys.argv[1]); print(s.model('depth').runtime, 'torch' in sys.modules)"
    script = tmp_path / "script.py"
    script.write_text(code)
    said = subprocess.run([PYTHONS[-1], script, photo], capture_output=True, text=True,
                          env=dict({k: v for k, v in os.environ.items() if not k.startswith("KB3D_")},
                                   PYTHONPATH=str(without_numpy(tmp_path))))
    assert said.stdout.strip() == "host True", said.stderr


@pytest.mark.skipif(not MODULES, reason="no torch module was built")
def test_worker(photo, tmp_path):
    said = run(sys.executable, "worker_network.py", photo, tmp_path / "f.png", KB3D_PLUGIN_PATH=MODULES)
    assert "worker, libtorch" in said
    assert is_a_frame(tmp_path / "f.png")
