"""The library, opened by cffi from what the headers declare, and checked to be the one they belong to."""
from __future__ import annotations

import os
import pathlib
from typing import Any

import cffi
import numpy as np

from . import _declarations

ffi: Any = cffi.FFI()
ffi.cdef(_declarations.DECLARATIONS + _declarations.PALETTE + "void free(void *);")

NATIVE = pathlib.Path(__file__).resolve().parent / "native"
API = (_declarations.NUMBERS["KB3D_API_MAJOR"], _declarations.NUMBERS["KB3D_API_MINOR"])


def _open(path: str) -> Any:
    try:
        library = ffi.dlopen(path)
        number = library.kb3d_api_version()
    except (OSError, AttributeError) as error:
        raise ImportError("kb3d: the library cannot be opened: %s" % error) from None
    has = (number >> 16, number & 0xFFFF)
    if has[0] != API[0] or has[1] < API[1]:
        raise ImportError("kb3d: %s has API %d.%d, and this package was made for %d.%d" % ((path,) + has + API))
    return library


# KB3D_LIBRARY: another build of it, such as a system's.
lib: Any = _open(os.environ.get("KB3D_LIBRARY") or str(NATIVE / "lib" / "libkb3d.so.0"))


def prepared(name: str, **members: Any) -> Any:
    """A struct of the API as KB3D_INIT leaves it, and its members that are not None set."""
    struct = ffi.new(name + " *")
    struct.size = ffi.sizeof(name)
    for member, value in members.items():
        if value is not None:
            setattr(struct, member, value)
    return struct


def names(enum: str, prefix: str) -> dict[str, int]:
    """The names of an enum as they are in Python: KB3D_MOTION_DOLLY is "dolly"."""
    listed = sorted(ffi.typeof(enum).relements.items(), key=lambda item: int(item[1]))
    return {name[len(prefix):].lower(): value for name, value in listed}


def number(table: dict[str, int], name: str, what: str) -> int:
    if name not in table:
        raise ValueError("%s %r is none of %s" % (what, name, ", ".join(table)))
    return table[name]


def text(pointer: Any) -> str:
    return str(ffi.string(pointer).decode("utf-8", "replace")) if pointer else ""


def c_text(value: Any, what: str) -> Any:
    """A string of C's, which ends at the first zero."""
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError("%s has a zero in it" % what)
    return ffi.new("char[]", encoded)


def floats(values: Any, count: int, what: str) -> list[float]:
    listed = [float(v) for v in np.ravel(values)]
    if len(listed) != count:
        raise ValueError("%s has %d numbers, not %d" % (what, count, len(listed)))
    return listed


def owned(cell: Any, destroy: Any, keep: object) -> Any:
    """A handle's cell, destroyed with it; what the library may call until then is kept alive.

    Not in a forked child: it has none of the threads that would have to end first.
    """
    process = os.getpid()

    def end(cell: Any, keep: object = keep) -> None:
        if os.getpid() == process:
            destroy(cell)

    return ffi.gc(cell, end)
