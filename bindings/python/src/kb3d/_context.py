"""The context: threads, memory, limits, networks, the log."""
from __future__ import annotations

import json
import logging
import os
import pathlib
import threading
from dataclasses import dataclass
from typing import Any, Callable, Optional, Sequence, Union

from . import _networks
from ._call import called_back, make
from ._errors import ModelError
from ._library import c_text, ffi, lib, names, number, owned, prepared, text

BACKENDS = names("kb3d_backend", "KB3D_BACKEND_")
NETWORKS = {"auto": 0, "process": 1, "worker": 2}
ROLES = names("kb3d_model_role", "KB3D_MODEL_")
LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}
LOG = logging.getLogger("kb3d")


@dataclass(frozen=True)
class ContextInfo:
    backend: str
    threads: int
    simd: str
    memory_used: int
    memory_peak: int


@dataclass(frozen=True)
class ModelInfo:
    name: str
    version: str
    licence: str
    path: str
    source: str
    runtime: str
    weight_bytes: int
    load_ms: float
    run_count: int
    last_ms: float
    total_ms: float

    @classmethod
    def of(cls, c: Any) -> ModelInfo:
        return cls(text(c.name), text(c.version), text(c.licence), text(c.path), text(c.source), text(c.runtime),
                   c.weight_bytes, c.load_ms, c.run_count, c.last_ms, c.total_ms)


@ffi.callback("void(void *, kb3d_log_level, const char *)")  # type: ignore[untyped-decorator]
def _log(user: Any, level: int, line: Any) -> None:
    with called_back():
        LOG.log(LEVELS.get(level, logging.INFO), "%s", text(line))


class Context:
    """Threads, memory, limits, networks. Scenes without one of their own share `default_context()`.

    networks -- where TorchScript files run: "worker" in a process of their own, "process" in this one through the
        module that fits its torch, "torch" by this Python's torch. "auto" takes the worker where a module for a
        libtorch is installed, else this Python's torch.
    model_path -- folders to look for models in first; [] looks nowhere.
    """

    def __init__(self, *, threads: int = 0, backend: str = "auto", memory_limit: int = 0, pixel_limit: int = 0,
                 networks: str = "auto", model_path: Optional[Sequence[Union[str, os.PathLike[str]]]] = None,
                 worker_memory_limit: int = 0, worker_time_limit_ms: int = 0, allow_operators: bool = False) -> None:
        number(dict(NETWORKS, torch=3), networks, "networks")
        if networks == "auto":
            networks = "worker" if _networks.has_module() else "torch"
        self._by_torch = networks == "torch"
        self._keep: list[Any] = []
        self._raised: list[tuple[str, BaseException]] = []
        self._lock = threading.Lock()
        self._asked: set[str] = set()
        level = min((c for c, py in LEVELS.items() if LOG.isEnabledFor(py)), key=lambda c: LEVELS[c], default=1)
        folders = None if model_path is None else c_text(":".join(map(os.fsdecode, model_path)), "model_path")
        self._params = prepared(
            "kb3d_ctx_params", backend=number(BACKENDS, backend, "backend"), threads=threads,
            memory_limit=memory_limit, pixel_limit=pixel_limit, log=_log, log_level=level, model_path=folders,
            networks=NETWORKS["worker" if self._by_torch else networks], worker_memory_limit=worker_memory_limit,
            worker_time_limit_ms=worker_time_limit_ms, allow_operators=int(allow_operators))
        self._keep.append(folders)
        self._cell = self._create()

    def _create(self) -> Any:
        cell = owned(ffi.new("kb3d_ctx **"), lib.kb3d_ctx_destroy, self._keep)
        make(lib.kb3d_ctx_create, cell, self._params)
        return cell

    @property
    def _c(self) -> Any:
        return self._cell[0]

    @property
    def info(self) -> ContextInfo:
        info = prepared("kb3d_ctx_info")
        make(lib.kb3d_ctx_get_info, self._c, info)
        backend = next(name for name, value in BACKENDS.items() if value == info.backend)
        return ContextInfo(backend, info.threads, text(info.simd), info.memory_used, info.memory_peak)

    def add_model(self, role: str, network: Union[str, os.PathLike[str], bytes, Callable[..., Any]],
                  manifest: Union[str, dict[str, Any], None] = None) -> None:
        """A network for a role, before the first scene that needs it: a TorchScript file, its contents, or a function.

        The function gets the inputs that docs/models.md gives for the role as arrays of float32, and answers an array
        or a tensor for each output. It may run in any thread.
        """
        source = prepared("kb3d_model_source", role=number(ROLES, role, "role"))
        keep: list[Any] = []
        if isinstance(manifest, dict):
            manifest = json.dumps(manifest)
        if isinstance(network, (str, os.PathLike)) and self._by_torch and pathlib.Path(network).exists():
            network = _networks.TorchModel(network)
        if isinstance(network, _networks.TorchModel) and manifest is None:
            manifest = network.manifest
        if manifest is not None:
            keep.append(c_text(manifest, "a manifest"))
            source.manifest = keep[-1]
        if isinstance(network, (bytes, bytearray, memoryview)):
            keep.append(ffi.from_buffer(network))
            source.bytes, source.byte_count = keep[-1], len(keep[-1])
        elif callable(network):
            runner = _networks.Runner(network, self._raised)
            source.run, source.user = _networks.run, runner.handle
            self._keep.append(runner)
        else:
            keep.append(c_text(network, "a file's name"))
            source.path = keep[-1]
        make(lib.kb3d_ctx_add_model, self._c, source)
        with self._lock:
            self._asked.add(role)

    def model(self, role: str) -> ModelInfo:
        """Which network the context has for a role; ModelError when none."""
        self._give_to_torch([role])
        info = prepared("kb3d_model_info")
        make(lib.kb3d_ctx_get_model, self._c, number(ROLES, role, "role"), info)
        return ModelInfo.of(info)

    def _give_to_torch(self, roles: Sequence[str]) -> None:
        """Networks of the search path, to be run by this Python's torch. Another context looks for them."""
        with self._lock:
            open_roles = [role for role in roles if self._by_torch and role not in self._asked]
            self._asked.update(open_roles)
        if not open_roles:
            return
        looking = self._create()
        for role in open_roles:
            info = prepared("kb3d_model_info")
            try:
                make(lib.kb3d_ctx_get_model, looking[0], ROLES[role], info)
            except ModelError:
                continue
            self.add_model(role, _networks.TorchModel(text(info.path)))

    def _make(self, *arguments: Any, **options: Any) -> None:
        """A call in which networks may run: an error of a function's has what it raised as its cause."""
        self._give_to_torch(list(ROLES))
        try:
            make(*arguments, **options, wait=True)
        except ModelError as error:
            for message, cause in list(self._raised):
                if message and message in str(error):
                    self._raised.remove((message, cause))
                    raise error from cause
            raise

    def __repr__(self) -> str:
        info = self.info
        return "kb3d.Context(%s, %d threads, %s)" % (info.backend, info.threads, info.simd)


_default: Optional[Context] = None
_default_lock = threading.Lock()


def default_context() -> Context:
    """The context of scenes that were given none."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Context()
        return _default


def _after_fork() -> None:
    """Threads do not go into a child: its default context is a new one."""
    global _default, _default_lock
    _default, _default_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def probe(backend: str) -> None:
    """Raises UnavailableError with the reason when a backend cannot be used here."""
    make(lib.kb3d_backend_probe, number(BACKENDS, backend, "backend"))
