"""Depth as data sets keep it: OpenEXR, HDF5, NumPy, MATLAB, and grey PNG. A broken file is told by its name."""

import io

import numpy as np
from PIL import Image


class BadFile(Exception):
    """Names the file and what is wrong with it."""


def need(module):
    """A reader that not everybody has."""
    try:
        return __import__(module)
    except ImportError:
        raise SystemExit("this needs the Python package %s, see training/README.md" % module.split(".")[0])


def read_exr(data):
    """The one channel, or the first of several alike."""
    file = need("OpenEXR").File(io.BytesIO(data))
    pixels = next(iter(file.channels().values())).pixels
    return pixels if pixels.ndim == 2 else pixels[..., 0]


def read_h5(data, key="depth"):
    with need("h5py").File(io.BytesIO(data), "r") as file:
        return file[key][()]


def read_npy(data):
    return np.load(io.BytesIO(data), allow_pickle=False)


def read_png(data):
    with Image.open(io.BytesIO(data)) as file:
        if not file.mode.startswith(("I", "L")):
            raise ValueError("its mode is %s, not grey" % file.mode)
        return np.array(file)


READERS = {".exr": read_exr, ".h5": read_h5, ".npy": read_npy, ".png": read_png}


def decode_picture(data, name):
    """RGB as H x W x 3 of uint8 from a file's bytes."""
    try:
        with Image.open(io.BytesIO(data)) as file:
            return np.array(file.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadFile("%s: not a picture: %s" % (name, error))


def decode_depth(data, name):
    """H x W of float32 from a file's bytes; its name's end tells the format."""
    ending = name[name.rfind(".") :].lower()
    if ending not in READERS:
        raise BadFile("%s: depth is read from %s" % (name, ", ".join(sorted(READERS))))
    try:
        depth = np.asarray(READERS[ending](data))
    # What readers raise on broken files is of many kinds.
    except Exception as error:
        raise BadFile("%s: no depth map: %s" % (name, error))
    if depth.ndim != 2 or not depth.size or depth.dtype.kind not in "fiu":
        raise BadFile("%s: no depth map but %s of %s" % (name, depth.shape, depth.dtype))
    return depth.astype(np.float32)


def to_disparity(depth, focal, baseline):
    """Pixels, and 1 where they are known. Nothing is known where the depth is 0, less, or no number; infinite depth is
    disparity 0."""
    known = depth > 0
    disparity = np.where(known, focal * baseline / np.where(known, depth, 1), 0)
    return disparity.astype(np.float32), known.astype(np.float32)


def read_bytes(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise BadFile("%s: %s" % (path, error.strerror))
