"""A Python host that has imported its torch: python.py OURS MODULE_FOLDER MODELS

OURS is ours.c as a library. The module for that torch runs a network beside it, and torch's number
of threads stays; without it the network is refused, and torch is none the worse.
"""
import ctypes
import glob
import os
import sys
import tempfile

import torch

library, folder, models = sys.argv[1:]
IN_PROCESS, UNAVAILABLE = 1, -7
os.environ.pop("KB3D_TORCH", None)
ours = ctypes.CDLL(library)


def run(folder):
    """The status of a network run by the modules of a folder, and what ran it or the message."""
    text = ctypes.create_string_buffer(512)
    os.environ["KB3D_PLUGIN_PATH"] = folder
    status = ours.ours_run(IN_PROCESS, os.path.join(models, "bright.pt").encode(), text)
    print(status, text.value.decode())
    return status, text.value.decode()


def torch_works():
    answer = torch.nn.functional.conv2d(torch.ones(1, 3, 64, 96), torch.full((8, 3, 3, 3), 1 / 27))
    assert abs(float(answer.mean()) - 1) < 1e-4
    assert torch.get_num_threads() == 3


version = ".".join(torch.__version__.split(".")[:2])
torch.set_num_threads(3)
torch_works()
with tempfile.TemporaryDirectory() as others:
    for module in glob.glob(os.path.join(folder, "kb3d-torch-*.so")):
        if version not in os.path.basename(module):
            os.symlink(module, os.path.join(others, os.path.basename(module)))
    if os.listdir(others):
        status, text = run(others)
        assert status == UNAVAILABLE and "the process has libtorch %s already, and only " % version in text, text
        torch_works()
status, text = run(folder)
assert status == 0 and text.startswith("libtorch " + version), text
torch_works()
assert run(folder)[0] == 0
torch_works()
