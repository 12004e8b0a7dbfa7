#!/usr/bin/env python3
"""stereo.py PROGRAM: unpacks the disparity of rgbd/motorcycle under KB3D_TEST_DATA and runs the program on the pair.

Skipped (77) without that variable. Python's standard library alone.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile


def read_array(path):
    """The first array of an .npz: rows of floats (NEP 1's format)."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read(archive.namelist()[0])
    assert data[:6] == b"\x93NUMPY"
    wide = data[6] > 1
    length = struct.unpack("<I" if wide else "<H", data[8:12 if wide else 10])[0]
    start = (12 if wide else 10) + length
    header = data[start - length:start].decode("latin1")
    assert "'<f4'" in header and "'fortran_order': False" in header
    height, width = map(int, re.search(r"\((\d+), (\d+)\)", header).groups())
    return width, height, data[start:start + 4 * width * height]


def main():
    if not os.environ.get("KB3D_TEST_DATA"):
        print("KB3D_TEST_DATA is not set")
        return 77
    folder = os.path.join(os.environ["KB3D_TEST_DATA"], "rgbd", "motorcycle")
    width, height, values = read_array(os.path.join(folder, "motorcycle_disp.npz"))
    with tempfile.NamedTemporaryFile(suffix=".pfm") as pfm:
        pfm.write(b"Pf\n%d %d\n-1\n" % (width, height))
        for y in range(height - 1, -1, -1):  # from the bottom up
            pfm.write(values[4 * width * y:4 * width * (y + 1)])
        pfm.flush()
        pair = [os.path.join(folder, "motorcycle_%s.png" % side) for side in ("left", "right")]
        return subprocess.call([sys.argv[1], pfm.name, *pair])


if __name__ == "__main__":
    sys.exit(main())
