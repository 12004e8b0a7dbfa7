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

from ._call import Bar, Cancel, Progress, make
from ._errors import CancelledError, UnavailableError, UnsupportedError
from ._library import ffi, lib, prepared
from ._path import Frames, Path
from ._pixels import FORMATS, Picture
from ._scene import Scene, Size


class Kind(NamedTuple):
    """What tools/io/video.c and stream.c say of a kind of file."""

    encoder: str
    mime: str
    options: dict[str, str]


KINDS = {
    ".mp4": Kind("libx264", "video/mp4", {"preset": "veryfast", "crf": "20", "profile": "high"}),
    ".webm": Kind("libvpx-vp9", "video/webm", {"deadline": "good", "cpu-used": "5", "row-mt": "1",
                                               "tile-columns": "6", "crf": "31", "b": "0"}),
    ".avi": Kind("mpeg4", "video/x-msvideo", {"flags": "+qscale", "global_quality": str(3 * 118), "bf": "1",
                                              "tag": "XVID"}),
}
COLOR = {"color_range": "tv", "color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709",
         "chroma_sample_location": "left"}


class Video:
    """A video file, or one in memory. A notebook plays it."""

    def __init__(self, path: Optional[pathlib.Path], data: Optional[bytes], mime: str) -> None:
        self.path, self._data, self.mime = path, data, mime

    @property
    def data(self) -> bytes:
        return self._data if self._data is not None else self.path.read_bytes() if self.path else b""

    def _repr_html_(self) -> str:
        return '<video controls loop autoplay muted src="data:%s;base64,%s"></video>' % (
            self.mime, base64.b64encode(self.data).decode())

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


def _add_stream(container: Any, kind: Kind, rate: fractions.Fraction, size: Size) -> Any:
    options = dict(kind.options, **COLOR)
    tag = options.pop("tag", None)
    stream = container.add_stream(kind.encoder, rate=rate, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = 1 / rate
    stream.codec_context.gop_size = int(2 * rate) + 1
    if tag:
        stream.codec_context.codec_tag = tag
    return stream


def _render(frames: Frames, index: int, frame: Any) -> None:
    image = prepared("kb3d_image", format=FORMATS["i420"], width=frame.width, height=frame.height)
    for number, plane in enumerate(frame.planes):
        image.data[number] = ffi.cast("void *", plane.buffer_ptr)
        image.stride[number] = plane.line_size
    c = prepared("kb3d_frame", color=image)
    with frames.path._access.shared():
        make(lib.kb3d_path_render, frames.path._c, frames.time(index), c, cancel=frames.cancel)


def _write(av: Any, file: Any, extension: str, frames: Frames, rate: fractions.Fraction) -> None:
    container_options = {"movflags": "+faststart"} if isinstance(file, str) and extension == ".mp4" else {}
    frames.prepare()
    with av.open(file, "w", format=extension[1:], options=container_options) as container:
        stream = _add_stream(container, KINDS[extension], rate, frames.size)
        for index in range(frames.n):
            if callable(frames.progress) and frames.progress("frames", index / frames.n) is False:
                raise CancelledError("cancelled by the host")
            frame = av.VideoFrame(*frames.size, "yuv420p")
            _render(frames, index, frame)
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
        raise UnsupportedError("%s: a video ends in %s%s" % (
            output, " ".join(KINDS), "; the kb3d command writes GIF" if extension == ".gif" else ""))
    if not duration > 0:
        raise ValueError("a video of %s seconds has no frames" % duration)
    if size is not None and (size[0] % 2 or size[1] % 2):
        raise ValueError("the sides of a video's frames are even: %dx%d are not" % size)
    rate = _rate(fps)
    if progress is True:
        progress = Bar()
    size = size or path.scene.frame_size(even=True)
    frames = Frames(path, max(1, round(duration * rate)), size, None, None, extend, progress, cancel)
    av, mime = _av(), KINDS[extension].mime
    if output is None:
        memory = io.BytesIO()
        _write(av, memory, extension, frames, rate)
        return Video(None, memory.getvalue(), mime)
    target = pathlib.Path(os.path.realpath(output))
    handle, temporary = tempfile.mkstemp(extension, ".kb3d-", target.parent)
    os.close(handle)
    try:
        _write(av, temporary, extension, frames, rate)
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
    """A scene, or a picture, to a video: .mp4, .webm or .avi. `options` are those of Path, and of Scene for a picture."""
    if not isinstance(scene, Scene):
        given = {name: options.pop(name) for name in SCENE_OPTIONS if name in options}
        scene = Scene(scene, progress=progress, cancel=cancel, **given)
    if motion == "circle":
        options.setdefault("ease", "linear")
    path = Path(scene, motion, progress=progress, cancel=cancel, **options)
    return record(path, output, duration, fps, size, extend=extend, progress=progress, cancel=cancel)
