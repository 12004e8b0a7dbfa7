"""One call of the library: progress, cancelling, exceptions. The GIL is released during it."""
from __future__ import annotations

import contextlib
import importlib
import queue
import threading
from typing import Any, Callable, Iterator, Optional, Protocol, Union

from ._errors import BY_STATUS, Error
from ._library import ffi, lib, prepared, text

ProgressFunction = Callable[[str, float], Any]
#: A function of stage and fraction (what it raises cancels the call, and so does False), True for a bar of tqdm.
Progress = Union[ProgressFunction, bool, None]


class Cancel(Protocol):
    """What can cancel a call from elsewhere: threading.Event, for one."""

    def is_set(self) -> bool: ...


_inside = threading.local()


@contextlib.contextmanager
def called_back() -> Iterator[None]:
    """A function of the caller's runs inside a call of the library, which must not be called from there."""
    before = getattr(_inside, "call", False)
    _inside.call = True
    try:
        yield
    finally:
        _inside.call = before


class Bar:
    """A bar of tqdm for each stage."""

    def __init__(self) -> None:
        self.tqdm: Any = importlib.import_module("tqdm").tqdm
        self.stage = ""
        self.bar: Any = None

    def __call__(self, stage: str, fraction: float) -> None:
        if stage != self.stage:
            self.close()
            self.stage, self.bar = stage, self.tqdm(total=100, desc=stage, unit="%", leave=False)
        self.bar.update(max(0, int(100 * fraction) - self.bar.n))

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


POLL_S = 0.05


class Call:
    def __init__(self, progress: Progress = None, cancel: Optional[Cancel] = None) -> None:
        self.bar = Bar() if progress is True else None
        self.progress: Optional[ProgressFunction] = self.bar or (progress if callable(progress) else None)
        self.cancel = cancel
        self.raised: Optional[BaseException] = None
        self.reports: Any = None  # of a call that is made on a thread of its own, and what is answered
        self.answers: Any = None
        self.handle = ffi.new_handle(self)
        self.c = prepared("kb3d_call", progress=_report, user=self.handle)

    def report(self, stage: str, fraction: float) -> int:
        if self.cancel is not None and self.cancel.is_set():
            return 1
        with called_back():
            return int(self.progress is not None and self.progress(stage, fraction) is False)

    def make(self, function: Any, *arguments: Any, wait: bool = False) -> None:
        """Makes the call; raises what the progress function or a signal raised, or the status as an exception."""
        if getattr(_inside, "call", False):
            raise RuntimeError("kb3d cannot be called from a function that it calls")
        try:
            status = self._wait_for(function, *arguments, self.c) if wait else function(*arguments, self.c)
        finally:
            if self.bar is not None:
                self.bar.close()
        if self.raised is not None:
            raise self.raised
        if status:
            raise BY_STATUS.get(status, Error)(text(self.c.message) or text(lib.kb3d_status_text(status)))

    def _wait_for(self, function: Any, *arguments: Any) -> int:
        """The status of a call on a thread of its own: this one hears of Ctrl-C and of `cancel` meanwhile, and reports."""
        self.reports, self.answers = queue.SimpleQueue(), queue.SimpleQueue()
        status = []

        def work() -> None:
            status.append(function(*arguments))
            self.reports.put(None)

        thread = threading.Thread(target=work, name="kb3d")
        try:
            thread.start()
            self._attend()
        except BaseException as error:
            self.raised = error
            lib.kb3d_call_cancel(self.c)
            self.answers.put(1)
        while thread.is_alive():  # it uses the caller's memory
            try:
                thread.join()
            except KeyboardInterrupt:
                pass
        return status[0] if status else 0

    def _attend(self) -> None:
        while True:
            try:
                report = self.reports.get(timeout=POLL_S)
            except queue.Empty:
                if self.cancel is not None and self.cancel.is_set():
                    lib.kb3d_call_cancel(self.c)
                continue
            if report is None:
                return
            self.answers.put(self.report(*report))


def _stop(kind: Any, value: BaseException, trace: Any) -> int:
    """Whatever is raised inside a report, KeyboardInterrupt too, ends the call and comes out of it."""
    user = trace.tb_frame.f_locals.get("user") if trace is not None else None
    if user is not None:
        ffi.from_handle(user).raised = value
    return 1


@ffi.callback("int(void *, const char *, double)", error=1, onerror=_stop)  # type: ignore[untyped-decorator]
def _report(user: Any, stage: Any, fraction: float) -> int:
    call: Call = ffi.from_handle(user)
    if call.reports is None:
        return call.report(text(stage), fraction)
    if call.raised is not None:
        return 1
    call.reports.put((text(stage), fraction))
    return int(call.answers.get())


def make(function: Any, *arguments: Any, progress: Progress = None, cancel: Optional[Cancel] = None,
         wait: bool = False) -> None:
    """`wait` is for what takes long enough to be cancelled in the middle."""
    Call(progress, cancel).make(function, *arguments, wait=wait)
