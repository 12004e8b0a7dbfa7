"""An exception for each status; its text is the library's sentence."""
from __future__ import annotations


class Error(Exception):
    """What the library answered; `status` is its number."""

    status = 0


class ArgumentError(Error, ValueError):
    status = -1


class OutOfMemoryError(Error, MemoryError):
    status = -2


class LimitError(Error):
    status = -3


class FileError(Error, OSError):
    status = -4


class FormatError(Error, ValueError):
    status = -5


class UnsupportedError(Error):
    status = -6


class UnavailableError(Error, RuntimeError):
    status = -7


class ModelError(Error, RuntimeError):
    status = -8


class CancelledError(Error):
    status = -9


class InternalError(Error, RuntimeError):
    status = -10


BY_STATUS: dict[int, type[Error]] = {kind.status: kind for kind in (
    ArgumentError, OutOfMemoryError, LimitError, FileError, FormatError, UnsupportedError, UnavailableError,
    ModelError, CancelledError, InternalError)}
