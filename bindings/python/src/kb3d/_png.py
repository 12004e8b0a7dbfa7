"""A frame as a PNG, without any further package."""
from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

from ._pixels import as_array


def png(frame: Any) -> bytes:
    """A frame of HxWx3 bytes, as the contents of a file."""
    array = as_array(frame)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ValueError("a PNG is made of HxWx3 bytes")
    height, width, _ = array.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a zero before each row: no filter
    rows[:, 1:] = array.reshape(height, 3 * width)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)) + chunk(b"IEND", b""))
