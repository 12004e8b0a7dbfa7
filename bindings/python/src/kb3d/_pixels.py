"""Pictures in and out: arrays, tensors, Pillow's images, files, bytes."""
from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple, Optional, Union

import numpy as np
import numpy.typing as npt

from ._library import c_text, ffi, lib, names, number, prepared

Array = npt.NDArray[Any]
FORMATS = names("kb3d_format", "KB3D_FORMAT_")
#: By type of sample and channels, in the order red, green, blue.
LAYOUTS = {("uint8", 1): "gray8", ("uint8", 3): "rgb8", ("uint8", 4): "rgba8", ("uint16", 1): "gray16",
           ("uint16", 3): "rgb16", ("uint16", 4): "rgba16", ("float32", 1): "grayf32", ("float32", 3): "rgbf32",
           ("float32", 4): "rgbaf32"}
TYPES = {name: layout for layout, name in LAYOUTS.items()}
TYPES.update(bgr8=("uint8", 3), bgra8=("uint8", 4))


class Pixels(NamedTuple):
    """An array whose samples are not what arrays usually hold: blue first (OpenCV), or proportional to light."""

    array: Any
    bgr: bool = False
    linear: bool = False


#: A file's name, its contents, an array of HxW, HxWx3 or HxWx4, an image of Pillow, a tensor (DLPack).
Picture = Union[str, "os.PathLike[str]", bytes, bytearray, Pixels, Any]


def as_array(given: Any) -> Array:
    """An array over the same memory where there is one."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(given, pillow.Image):
        return _from_pillow(given)
    if isinstance(given, np.ndarray):
        return given
    if hasattr(given, "__dlpack__"):
        if hasattr(given, "detach"):
            given = given.detach()
        try:
            array = np.from_dlpack(given)
            # older releases of NumPy do not write to what came by DLPack
            return array if array.flags.writeable or not hasattr(given, "numpy") else np.asarray(given.numpy())
        except (BufferError, RuntimeError, TypeError) as error:
            raise ValueError("the tensor cannot be viewed: %s" % error) from None
    return np.asarray(given)


def _from_pillow(image: Any) -> Array:
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode in ("I;16", "I;16L", "I;16B"):
        return np.asarray(image, dtype=np.uint16)
    if image.mode in ("L", "RGB", "RGBA", "F"):
        return np.asarray(image)
    has_alpha = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    return np.asarray(image.convert("L" if image.mode == "1" else "RGBA" if has_alpha else "RGB"))


def _is_viewable(array: Array, channels: int) -> bool:
    """Whether pixels lie side by side and samples are as the machine's, whatever lies between rows."""
    item = array.itemsize
    packed = array.strides[1] == channels * item and (channels == 1 or array.strides[2] == item)
    apart = array.shape[0] == 1 or abs(array.strides[0]) >= array.shape[1] * channels * item
    return bool(packed and apart and array.dtype.isnative and array.flags.aligned and array.strides[0] % item == 0)


def _with_channels(array: Array) -> Array:
    return array[:, :, np.newaxis] if array.ndim == 2 else array


def image_of(array: Array, format: str, linear: bool = False) -> Any:
    """A kb3d_image over an array of HxWxC whose pixels lie side by side."""
    image = prepared("kb3d_image", format=FORMATS[format], transfer=int(linear), width=array.shape[1],
                     height=array.shape[0])
    image.data[0] = ffi.cast("void *", array.__array_interface__["data"][0])
    image.stride[0] = array.strides[0] if array.shape[0] > 1 else 0
    return image


def input_image(given: Any, keep: list[Any]) -> Any:
    """A view of what is given where its layout allows; else of a copy."""
    pixels = given if isinstance(given, Pixels) else Pixels(given)
    array = as_array(pixels.array)
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype.kind == "f":
        array = array.astype(np.float32, copy=False)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.ndim not in (2, 3) or 0 in array.shape:
        raise ValueError("a picture has the shape HxW, HxWx3 or HxWx4, not %s" % "x".join(map(str, array.shape)))
    array = _with_channels(array)
    channels = array.shape[2]
    name = LAYOUTS.get((array.dtype.name, channels))
    if name is None:
        raise ValueError("a picture has 1, 3 or 4 channels of uint8, uint16 or float, not %d of %s"
                         % (channels, array.dtype))
    if pixels.bgr:
        name = {"rgb8": "bgr8", "rgba8": "bgra8"}.get(name, name)
        if name in TYPES and name[:3] != "bgr":
            raise ValueError("blue comes first in pictures of 8 bits alone")
    if not _is_viewable(array, channels):
        array = np.ascontiguousarray(array)
    image = image_of(array, name, pixels.linear)
    keep += [array, image]
    return image


def source_of(given: Picture, keep: list[Any]) -> Any:
    """A kb3d_source; what it points to is kept in `keep`."""
    source = prepared("kb3d_source")
    if isinstance(given, (str, os.PathLike)):
        path = c_text(given, "a file's name")
        source.path = path
        keep.append(path)
    elif isinstance(given, (bytes, bytearray, memoryview)):
        contents = ffi.from_buffer(given)
        source.bytes, source.byte_count = contents, len(contents)
        keep.append(contents)
    else:
        source.image = input_image(given, keep)
    keep.append(source)
    return source


class Target:
    """Where one image of a frame goes: an array of the caller's, or a new one.

    What the library cannot write to as it lies, such as a tensor of CxHxW turned by permute, gets a copy at the end.
    """

    def __init__(self, size: tuple[int, int], format: Optional[str], out: Any) -> None:
        width, height = size
        self._view: Optional[Array] = None
        if format is not None:
            number(FORMATS, format, "format")
        if format in ("i420", "nv12"):
            self.array, self.c = _planes(width, height, format, out)
            return
        if out is None:
            kind, channels = TYPES[format or "rgb8"]
            out = np.empty((height, width) if channels == 1 else (height, width, channels), kind)
        self.array = as_array(out)
        view = _with_channels(self.array)
        channels = view.shape[2] if view.ndim == 3 else 0
        chosen = format or LAYOUTS.get((self.array.dtype.name, channels))
        if chosen is None or TYPES[chosen] != (self.array.dtype.name, channels) or view.shape[:2] != (height, width):
            raise ValueError("out is %s of %s: not what a frame %s of %dx%d goes into" % (
                "x".join(map(str, self.array.shape)), self.array.dtype, format or "", width, height))
        if not self.array.flags.writeable:
            raise ValueError("out cannot be written to")
        if not _is_viewable(view, channels):
            self._view, view = view, np.empty(view.shape, view.dtype.newbyteorder("="))
        self._written = view
        self.c = image_of(view, chosen)

    def finish(self) -> Array:
        """The array, once the frame is there."""
        if self._view is not None:
            self._view[...] = self._written
        return self.array


def _planes(width: int, height: int, format: str, out: Any) -> tuple[Array, Any]:
    """Planes one after the other in one array of bytes, as many encoders want them."""
    half_width, half_height = (width + 1) // 2, (height + 1) // 2
    size = width * height + 2 * half_width * half_height
    array = np.empty(size, np.uint8) if out is None else as_array(out)
    if array.dtype != np.uint8 or array.size != size or not (array.flags.c_contiguous and array.flags.writeable):
        raise ValueError("out is not %d bytes in a row, as %s of %dx%d needs" % (size, format, width, height))
    image = prepared("kb3d_image", format=FORMATS[format], width=width, height=height)
    address = array.__array_interface__["data"][0]
    starts = [0, width * height, width * height + half_width * half_height]
    strides = [width, half_width, half_width] if format == "i420" else [width, 2 * half_width]
    for plane, stride in enumerate(strides):
        image.data[plane] = ffi.cast("void *", address + starts[plane])
        image.stride[plane] = stride
    return array, image


def bytes_per_pixel(format: str) -> int:
    return int(lib.kb3d_format_bytes(number(FORMATS, format, "format")))
