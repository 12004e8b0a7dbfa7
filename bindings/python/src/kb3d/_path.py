"""A path: cameras over time, and the frames that they see."""
from __future__ import annotations

import contextlib
import threading
from typing import Any, Iterator, NamedTuple, Optional, Sequence, Union

from ._call import Cancel, Progress, make
from ._library import ffi, floats, lib, names, number, owned, prepared
from ._pixels import Array, Target
from ._scene import Camera, Scene, Size

MOTIONS = names("kb3d_motion", "KB3D_MOTION_")
EASES = names("kb3d_ease", "KB3D_EASE_")
LOOPS = names("kb3d_loop", "KB3D_LOOP_")
EXTENDS = names("kb3d_extend", "KB3D_EXTEND_")
FOCUS_DEPTH, FOCUS_POINT = 1, 2
#: A crop window: centre and size in pixels of the picture.
Window = tuple[float, float, float, float]


class Frame(NamedTuple):
    """What a frame can show; None what was not asked for."""

    color: Optional[Array]
    depth: Optional[Array]    # inverse depth from the frame's camera
    painted: Optional[Array]  # 255 where the picture shows nothing


class _Access:
    """Many may render, one may prepare, never both."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.readers = 0

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        with self.changed:
            self.readers += 1
        try:
            yield
        finally:
            with self.changed:
                self.readers -= 1
                self.changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        with self.changed:
            self.changed.wait_for(lambda: not self.readers)
            yield


class Path:
    """Cameras over time through a scene. `motion` is "auto", "windows", "dolly", "circle" or "cameras".

    from_, to -- crop windows (centre x, centre y, width, height); a missing one is derived.
    zoom, shift, parallax, seed, range -- as in include/kb3d/path.h; None is the default, 0 is none.
    focus -- a depth, or a pixel of the picture, that the windows hold for.
    ease -- "smooth", "linear", "in" or "out"; loop -- "once" or "bounce".
    """

    def __init__(self, scene: Scene, motion: str = "auto", *, from_: Optional[Window] = None,
                 to: Optional[Window] = None, zoom: Optional[float] = None, shift: Optional[float] = None,
                 parallax: Optional[float] = None, focus: Union[float, tuple[float, float], None] = None,
                 ease: str = "smooth", loop: str = "once", range: Optional[tuple[float, float]] = None, seed: int = 0,
                 cameras: Sequence[Camera] = (), times: Optional[Sequence[float]] = None,
                 progress: Progress = None, cancel: Optional[Cancel] = None) -> None:
        self.scene = scene
        self.loop = loop
        self.prepared_for: Optional[tuple[Size, str]] = None
        self._access = _Access()
        params = prepared("kb3d_path_params", motion=number(MOTIONS, motion, "motion"), zoom=zoom,
                          shift=-1 if shift == 0 else shift, parallax=-1 if parallax == 0 else parallax,
                          ease=number(EASES, ease, "ease"), loop=number(LOOPS, loop, "loop"), seed=seed)
        for name, window in (("from", from_), ("to", to)):
            if window is not None:
                setattr(params, name, floats(window, 4, name))
        if isinstance(focus, (tuple, list)):
            params.focus, (params.focus_x, params.focus_y) = FOCUS_POINT, floats(focus, 2, "focus")
        elif focus is not None:
            params.focus, params.focus_z = FOCUS_DEPTH, focus
        if range is not None:
            params.range_start, params.range_end = floats(range, 2, "range")
        if cameras:
            array = ffi.new("kb3d_camera[]", len(cameras))
            for i, camera in enumerate(cameras):
                camera.fill(array[i])
            params.cameras, params.camera_count = array, len(cameras)
        if times is not None:
            if len(times) != len(cameras):
                raise ValueError("%d cameras have %d times" % (len(cameras), len(times)))
            moments = ffi.new("double[]", [float(t) for t in times])
            params.times = moments
        self._cell = owned(ffi.new("kb3d_path **"), lib.kb3d_path_destroy, scene.context._keep)
        make(lib.kb3d_path_create, scene._c, params, self._cell, progress=progress, cancel=cancel,
             wait=motion == "auto")  # which searches; the others take no time

    @classmethod
    def auto(cls, scene: Scene, **options: Any) -> Path:
        """A flight that uncovers little and keeps the frame filled."""
        return cls(scene, "auto", **options)

    @classmethod
    def windows(cls, scene: Scene, from_: Optional[Window] = None, to: Optional[Window] = None, **options: Any) -> Path:
        """From one crop window to another."""
        return cls(scene, "windows", from_=from_, to=to, **options)

    @classmethod
    def dolly(cls, scene: Scene, **options: Any) -> Path:
        """A dolly zoom."""
        return cls(scene, "dolly", **options)

    @classmethod
    def circle(cls, scene: Scene, *, ease: str = "linear", **options: Any) -> Path:
        """Once round about the middle."""
        return cls(scene, "circle", ease=ease, **options)

    @classmethod
    def along(cls, scene: Scene, cameras: Sequence[Camera], times: Optional[Sequence[float]] = None,
              **options: Any) -> Path:
        """Along cameras of your own; without times evenly over 0..1."""
        return cls(scene, "cameras", cameras=cameras, times=times, **options)

    @property
    def _c(self) -> Any:
        return self._cell[0]

    def prepare(self, size: Optional[Size] = None, extend: str = "auto", *, progress: Progress = None,
                cancel: Optional[Cancel] = None) -> None:
        """Paints in, once, what the flight will uncover: "auto", "none", "classical" or "network"."""
        size = size or self.scene.frame_size()
        params = prepared("kb3d_prepare_params", width=size[0], height=size[1],
                          extend=number(EXTENDS, extend, "extend"))
        with self._access.alone():
            self.scene.context._make(lib.kb3d_path_prepare, self._c, params, progress=progress, cancel=cancel)
            self.prepared_for = (size, extend)

    def time(self, progress: float) -> float:
        """Where a video's progress, 0..1, is on the path."""
        t = ffi.new("double *")
        make(lib.kb3d_path_get_time, self._c, progress, t)
        return float(t[0])

    def camera(self, t: float, size: Optional[Size] = None) -> Camera:
        """The camera at a time, for a frame of that size."""
        camera = prepared("kb3d_camera")
        width, height = size or self.scene.frame_size()
        make(lib.kb3d_path_get_camera, self._c, t, width, height, camera)
        return Camera.of(camera)

    def render(self, t: float, size: Optional[Size] = None, *, format: Optional[str] = None, out: Any = None,
               progress: Progress = None, cancel: Optional[Cancel] = None) -> Array:
        """The frame at a time: a new array, or `out`, which is any writable array (or tensor) of the frame's shape."""
        frame = self.render_layers(t, size, color=True if out is None else out, depth=False, painted=False,
                                   format=format, progress=progress, cancel=cancel)
        assert frame.color is not None
        return frame.color

    def _render(self, t: float, frame: Any, **options: Any) -> None:
        with self._access.shared():
            make(lib.kb3d_path_render, self._c, t, frame, **options)

    def render_layers(self, t: float, size: Optional[Size] = None, *, color: Any = True, depth: Any = True,
                      painted: Any = True, format: Optional[str] = None, progress: Progress = None,
                      cancel: Optional[Cancel] = None) -> Frame:
        """The frame at a time with its inverse depth and what was painted in: True, False, or an array to fill."""
        size = size or self._size_of(color) or self.scene.frame_size()
        targets = [None if given is False else Target(size, kind, None if given is True else given)
                   for given, kind in ((color, format), (depth, "grayf32"), (painted, "gray8"))]
        c = prepared("kb3d_frame", color=targets[0] and targets[0].c, depth=targets[1] and targets[1].c,
                     painted=targets[2] and targets[2].c)
        self._render(t, c, progress=progress, cancel=cancel)
        return Frame(*(None if target is None else target.finish() for target in targets))

    @staticmethod
    def _size_of(out: Any) -> Optional[Size]:
        shape: Sequence[int] = getattr(out, "shape", ())
        return (int(shape[1]), int(shape[0])) if len(shape) in (2, 3) else None

    def frames(self, n: int = 125, size: Optional[Size] = None, *, format: Optional[str] = None, out: Any = None,
               extend: str = "auto", progress: Progress = None, cancel: Optional[Cancel] = None) -> Frames:
        """The n frames of a video, one after the other; tqdm(path.frames(...)) shows how far they are.

        The path is prepared for that size first, unless extend is "none". With `out` every frame is that array.
        """
        return Frames(self, n, size or self._size_of(out) or self.scene.frame_size(), format, out, extend, progress,
                      cancel)

    def video(self, duration: float = 5, fps: float = 25, size: Optional[Size] = None, **options: Any) -> Any:
        """The flight as a video in memory, which a notebook plays (needs av)."""
        from ._video import record

        return record(self, None, duration, fps, size, **options)

    def _repr_html_(self) -> str:
        from ._video import record

        return str(record(self, None, 5, 25, self.scene.frame_size(640, even=True))._repr_html_())


class Frames:
    """An iterator with a length."""

    def __init__(self, path: Path, n: int, size: Size, format: Optional[str], out: Any, extend: str,
                 progress: Progress, cancel: Optional[Cancel]) -> None:
        if n < 1:
            raise ValueError("a flight has 1 frame or more, not %d" % n)
        self.path, self.n, self.size, self.format, self.out = path, n, size, format, out
        self.extend, self.progress, self.cancel = extend, progress, cancel

    def __len__(self) -> int:
        return self.n

    def time(self, index: int) -> float:
        """There and back ends a step before its start, for a seamless repeat."""
        last = self.n if self.path.loop == "bounce" else self.n - 1
        return self.path.time(index / last if last > 0 else 0)

    def prepare(self) -> None:
        if self.extend != "none" and self.path.prepared_for != (self.size, self.extend):
            self.path.prepare(self.size, self.extend, progress=self.progress, cancel=self.cancel)

    def render(self, index: int, image: Any) -> None:
        """Into a kb3d_image, such as an encoder's."""
        self.path._render(self.time(index), prepared("kb3d_frame", color=image), cancel=self.cancel)

    def __iter__(self) -> Iterator[Array]:
        self.prepare()
        for index in range(self.n):
            yield self.path.render(self.time(index), self.size, format=self.format, out=self.out, cancel=self.cancel)
