"""Networks that Python runs: functions of the caller's, and TorchScript files by the torch of this process."""
from __future__ import annotations

import hashlib
import importlib
import json
import os
import pathlib
import threading
from typing import Any, Callable, Optional, Union

import numpy as np

from ._call import called_back
from ._library import NATIVE, ffi, lib, text
from ._pixels import as_array

MESSAGE_SIZE = 384


def has_module() -> bool:
    """Whether a module for a libtorch is installed."""
    folders = [NATIVE / "lib/kb3d"] + [pathlib.Path(f) for f in os.environ.get("KB3D_PLUGIN_PATH", "").split(":") if f]
    return any(next(folder.glob("kb3d-torch-*.so"), None) for folder in folders if folder.is_dir())


class Runner:
    """A function, and where what it raises is kept until the call that it failed comes back."""

    def __init__(self, function: Callable[..., Any], raised: list[tuple[str, BaseException]]) -> None:
        self.function, self.raised = function, raised
        self.handle = ffi.new_handle(self)

    def run(self, c: Any) -> None:
        inputs = [_input(c.inputs[i]) for i in range(c.input_count)]
        with called_back():
            answers = self.function(*inputs)
        if not isinstance(answers, (tuple, list)):
            answers = [answers]
        if len(answers) < c.output_count:
            raise ValueError("%d answers are needed, not %d" % (c.output_count, len(answers)))
        for index in range(c.output_count):
            _answer(c, index, as_array(answers[index]))

    def fail(self, c: Any, error: BaseException) -> None:
        message = ("%s: %s" % (type(error).__name__, error)).replace("\n", " ")[:200]
        encoded = message.encode()[:MESSAGE_SIZE - 1] + b"\0"
        ffi.memmove(c.message, encoded, len(encoded))
        self.raised.append((message, error))
        del self.raised[:-16]  # of calls that were cancelled nobody asks for them


def _input(tensor: Any) -> Any:
    """A copy: the memory is the library's, and a function may keep what it got."""
    shape = tuple(tensor.shape[0:tensor.rank])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(ffi.buffer(tensor.data, 4 * count), np.float32).reshape(shape).copy()


def _answer(c: Any, index: int, answer: Any) -> None:
    memory = lib.kb3d_run_answer(c, index, answer.ndim, list(answer.shape)) if answer.ndim <= 4 else ffi.NULL
    if memory == ffi.NULL:
        raise ValueError("an answer of the shape %s cannot be taken" % "x".join(map(str, answer.shape)))
    into = np.frombuffer(ffi.buffer(memory, 4 * answer.size), np.float32)
    into[:] = answer.reshape(-1)


@ffi.callback("int(void *, kb3d_run *)", error=1)  # type: ignore[untyped-decorator]
def run(user: Any, c: Any) -> int:
    runner: Runner = ffi.from_handle(user)
    try:
        runner.run(c)
        return 0
    except BaseException as error:
        runner.fail(c, error)
        return 1


class TorchModel:
    """A TorchScript file with its manifest beside it, run by this Python's torch: Context.add_model takes it.

    torch is imported when the network first runs. A TorchScript file is code: load only files you trust.
    """

    def __init__(self, path: Union[str, os.PathLike[str]], device: str = "cpu") -> None:
        self.path, self.device = pathlib.Path(path), device
        beside = self.path.with_suffix(".json")
        described = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
        self.entry: str = described.get("entry", "forward")
        self.key: str = described.get("output_key", "")
        self.sha256: str = described.pop("sha256", "")  # checked here: the library sees no file
        self.manifest: Optional[str] = json.dumps(described) if described else None
        self.lock = threading.Lock()
        self.network: Any = None

    def load(self, torch: Any) -> Any:
        with self.lock:
            if self.network is None:
                if self.sha256 and hashlib.sha256(self.path.read_bytes()).hexdigest() != self.sha256.lower():
                    raise ValueError("%s is not the file that its manifest describes" % self.path)
                self.network = torch.jit.load(str(self.path), map_location=self.device).eval()
            return self.network

    def __call__(self, *inputs: Any) -> Any:
        torch = importlib.import_module("torch")
        network = self.load(torch)
        with torch.no_grad():
            answer = getattr(network, self.entry)(*(torch.from_dlpack(i).to(self.device) for i in inputs))
            if self.key:
                answer = answer[self.key if isinstance(answer, dict) else int(self.key)]
            elif isinstance(answer, dict):
                answer = list(answer.values())
            parts = answer if isinstance(answer, (tuple, list)) else [answer]
            return [part.detach().float().cpu().contiguous() for part in parts]


def version() -> str:
    return text(lib.kb3d_version())
