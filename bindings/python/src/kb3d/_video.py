"""Videos, through libav as the kb3d command writes them (PyAV); the renderer writes into the encoder's planes."""
from __future__ import annotations

import base64
import fractions
import importlib
import io
import os
import pathlib
import tempfile
from typing import Any, NamedTuple, Optional, Union

from . import _declarations
from ._call import Bar, Cancel, Progress
from ._errors import CancelledError, OutOfMemoryError, UnavailableError, UnsupportedError
from ._library import NATIVE, ffi, prepared
from ._path import Frames, Path
from ._pixels import FORMATS, Picture, Target
from ._scene import Scene, Size


class Kind(NamedTuple):
    """A kind of file, as tools/io/kinds.h has it."""

    extension: str
    encoder: str
    options: str
    tag: str
    planes: bool
    mime: str
    text: str


KINDS = {row[0]: Kind(*row) for row in _declarations.VIDEO_KINDS}


class Video:
    """A video file, or one in memory. A notebook plays it."""

    def __init__(self, path: Optional[pathlib.Path], data: Optional[bytes], mime: str) -> None:
        self.path, self._data, self.mime = path, data, mime

    @property
    def data(self) -> bytes:
        return self._data if self._data is not None else self.path.read_bytes() if self.path else b""

    def _repr_html_(self) -> str:
        element = "<img %s>" if self.mime.startswith("image/") else "<video controls loop autoplay muted %s></video>"
        return element % 'src="data:%s;base64,%s"' % (self.mime, base64.b64encode(self.data).decode())

    def __repr__(self) -> str:
        return "kb3d.Video(%s)" % (self.path or "%d bytes" % len(self.data))


def _av() -> Any:
    try:
        return importlib.import_module("av")
    except ImportError:
        raise UnavailableError("videos need PyAV: pip install av") from None


def _rate(fps: float) -> fractions.Fraction:
    """23.976, 29.97 and 59.94 stand for 24000/1001 and so on."""
    if not 0.01 <= fps <= 1000:
        raise ValueError("%s is no frame rate from 0.01 to 1000" % fps)
    broadcast = round(fps * 1.001)
    if fps != int(fps) and abs(broadcast / 1.001 - fps) < 0.005:
        return fractions.Fraction(broadcast * 1000, 1001)
    return fractions.Fraction(fps).limit_denominator(1000)


def _options(text: str) -> dict[str, str]:
    return dict(word.split("=") for word in text.split(":") if word)


def _add_stream(container: Any, kind: Kind, rate: fractions.Fraction, size: Size) -> Any:
    options = _options(kind.options + ":" + _declarations.VIDEO_COLORS if kind.planes else kind.options)
    stream = container.add_stream(kind.encoder, rate=rate, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p" if kind.planes else "pal8"
    stream.codec_context.time_base = 1 / rate if kind.planes else fractions.Fraction(1, 100)  # GIF's own clock
    if kind.planes:
        stream.codec_context.gop_size = int(2 * rate) + 1
    if kind.tag:
        stream.codec_context.codec_tag = kind.tag
    return stream


class Planes:
    """Frames whose planes the renderer writes."""

    def fill(self, frames: Frames, index: int, frame: Any) -> None:
        image = prepared("kb3d_image", format=FORMATS["i420"], width=frame.width, height=frame.height)
        for number, plane in enumerate(frame.planes):
            image.data[number] = ffi.cast("void *", plane.buffer_ptr)
            image.stride[number] = plane.line_size
        frames.render(index, image)


class Palette:
    """Frames of a palette's numbers; it is chosen from frames spread over the flight."""

    def __init__(self, frames: Frames) -> None:
        width, height = frames.size
        self.lib = ffi.dlopen(str(NATIVE / "lib/kb3d/kb3d-palette.so"))
        self.palette = ffi.gc(self.lib.kb3d_palette_create(), ffi.dlopen(None).free)
        if not self.palette:
            raise OutOfMemoryError("out of memory for a palette")
        self.target = Target((width, height), "rgb8", None)
        self.samples = int(self.lib.KB3D_PALETTE_SAMPLES)
        for sample in range(self.samples):
            frames.render(int((frames.n - 1) * sample / (self.samples - 1) + 0.5), self.target.c)
            self.lib.kb3d_palette_count(self.palette, self.target.c)
        self.lib.kb3d_palette_choose(self.palette)

    def fill(self, frames: Frames, index: int, frame: Any) -> None:
        frames.render(index, self.target.c)
        numbers, colors = frame.planes
        self.lib.kb3d_palette_map(self.palette, self.target.c, ffi.cast("unsigned char *", numbers.buffer_ptr),
                                  numbers.line_size)
        colors.update(ffi.buffer(self.palette.argb))


def _write(av: Any, file: Any, kind: Kind, frames: Frames, rate: fractions.Fraction) -> None:
    container_options = {"movflags": "+faststart"} if isinstance(file, str) and kind.extension == ".mp4" else {}
    frames.prepare()
    with av.open(file, "w", format=kind.extension[1:], options=container_options) as container:
        stream = _add_stream(container, kind, rate, frames.size)
        filler = Planes() if kind.planes else Palette(frames)
        for index in range(frames.n):
            if callable(frames.progress) and frames.progress("frames", index / frames.n) is False:
                raise CancelledError("cancelled by the host")
            frame = av.VideoFrame(*frames.size, stream.pix_fmt)
            filler.fill(frames, index, frame)
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if isinstance(frames.progress, Bar):
        frames.progress.close()


def record(path: Path, output: Union[str, os.PathLike[str], None], duration: float = 5, fps: float = 25,
           size: Optional[Size] = None, *, extend: str = "auto", progress: Progress = None,
           cancel: Optional[Cancel] = None) -> Video:
    """Writes a flight; without an output into memory. The file takes its name when it is whole."""
    extension = os.path.splitext(os.fspath(output))[1].lower() if output is not None else ".mp4"
    if extension not in KINDS:
        raise UnsupportedError("%s: a video ends in %s" % (output, " ".join(KINDS)))
    kind = KINDS[extension]
    if not duration > 0:
        raise ValueError("a video of %s seconds has no frames" % duration)
    if size is not None and kind.planes and (size[0] % 2 or size[1] % 2):
        raise ValueError("the sides of a video's frames are even: %dx%d are not" % size)
    rate = _rate(fps)
    if progress is True:
        progress = Bar()
    size = size or path.scene.frame_size(even=kind.planes)
    frames = Frames(path, max(1, round(duration * rate)), size, None, None, extend, progress, cancel)
    av, mime = _av(), kind.mime
    if output is None:
        memory = io.BytesIO()
        _write(av, memory, kind, frames, rate)
        return Video(None, memory.getvalue(), mime)
    target = pathlib.Path(os.path.realpath(output))
    handle, temporary = tempfile.mkstemp(extension, ".kb3d-", target.parent)
    os.close(handle)
    try:
        _write(av, temporary, kind, frames, rate)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return Video(pathlib.Path(output), None, mime)


SCENE_OPTIONS = ("depth", "depth_kind", "refine_depth", "focal_px", "masks", "quality", "skip", "context")


def animate(scene: Union[Scene, Picture], output: Union[str, os.PathLike[str]], motion: str = "auto", *,
            duration: float = 5, fps: float = 25, size: Optional[Size] = None, extend: str = "auto",
            progress: Progress = None, cancel: Optional[Cancel] = None, **options: Any) -> Video:
    """A scene, or a picture, to a video: .mp4, .webm, .avi or .gif. `options` are those of Path, and of Scene for a picture."""
    if not isinstance(scene, Scene):
        given = {name: options.pop(name) for name in SCENE_OPTIONS if name in options}
        scene = Scene(scene, progress=progress, cancel=cancel, **given)
    if motion == "circle":
        options.setdefault("ease", "linear")
    path = Path(scene, motion, progress=progress, cancel=cancel, **options)
    return record(path, output, duration, fps, size, extend=extend, progress=progress, cancel=cancel)
