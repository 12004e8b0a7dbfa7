"""Weights out of files of PyTorch, without running what is in them.

A file of torch.save is a pickle, and a pickle is a program. Here nothing can be named in it but what tensors are rebuilt
by, whatever PyTorch is installed: older ones' `weights_only` let programs through. Read are all three forms that there
have been: a zip (since 1.6), pickles in a row (0.1.10 to 1.5, as most published weights are), and a tar (before).
"""

import io
import math
import pickle
import struct
import tarfile
import zipfile
from collections import OrderedDict

import torch

from .errors import Refused

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
TYPES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
SIZES = {kind: torch.empty(0, dtype=kind).element_size() for kind in TYPES.values()}


class Storage:
    """Numbers in a row; they come after the pickle that names them, where the file is not a zip."""

    def __init__(self, kind):
        self.kind, self.values = kind, None

    def fill(self, data):
        size = SIZES[self.kind]
        if len(data) % size:
            raise Refused("the file is damaged: a storage of %d bytes is no whole number of values" % len(data))
        self.values = torch.frombuffer(bytearray(data), dtype=self.kind) if data else torch.empty(0, dtype=self.kind)


class Pending:
    """A tensor whose numbers are not read yet."""

    def __init__(self, storage, offset, shape, strides):
        self.place = storage, offset, shape, strides

    def tensor(self):
        storage, offset, shape, strides = self.place
        try:
            if math.prod(shape) > len(storage.values):
                raise TypeError
            return storage.values.as_strided(shape, strides, offset).clone()
        except (AttributeError, TypeError, RuntimeError) as error:
            raise Refused("the file is damaged: a tensor lies outside of its storage") from error


def rebuild(storage, offset, shape, strides, *_):
    if not isinstance(storage, Storage):
        raise Refused("the file is damaged: a tensor without a storage")
    return Pending(storage, offset, shape, strides)


ALLOWED = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): rebuild,
    ("torch._utils", "_rebuild_tensor_v2"): rebuild,
    ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
    ("torch", "Size"): tuple,
    **{("torch", name): kind for name, kind in TYPES.items()},
    **{("torch", name.replace("Storage", "Tensor")): kind for name, kind in TYPES.items()},
    **{("torch.storage", name): kind for name, kind in TYPES.items()},
}


class Unpickler(pickle.Unpickler):
    def __init__(self, file, persistent=None):
        super().__init__(file, encoding="utf-8")
        self.persistent = persistent

    def find_class(self, module, name):
        found = ALLOWED.get((module, name))
        if found is None:
            raise Refused("it holds more than weights: it would call %s.%s. Nothing of it was run" % (module, name))
        return found

    def persistent_load(self, words):
        if self.persistent is None:
            raise Refused("the file is damaged: numbers are named where none can be")
        return self.persistent(words)


def unpickle(file, persistent=None):
    try:
        return Unpickler(file, persistent).load()
    except Refused:
        raise
    except Exception as error:  # damaged bytes make pickle raise almost anything
        raise Refused("the file is damaged: %s" % error) from error


def storage_kind(words, place):
    kind = words[place] if isinstance(words, (tuple, list)) and len(words) > place else None
    if kind not in SIZES:
        raise Refused("the file is damaged: a storage of an unknown type")
    return kind


def read_zip(file):
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == "data.pkl"]
        if len(names) != 1 or any("/code/" in name for name in archive.namelist()):
            raise Refused("it is no file of weights: it may be a TorchScript file, which is loaded as it is (scripted)")
        if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
            raise Refused("it is compressed, which PyTorch's files are not")
        root = names[0][: -len("data.pkl")]
        storages = {}

        def persistent(words):
            kind = storage_kind(words, 1)
            if words[2] not in storages:
                storages[words[2]] = Storage(kind)
                storages[words[2]].fill(archive.read("%sdata/%s" % (root, words[2])))
            return storages[words[2]]

        return unpickle(io.BytesIO(archive.read(names[0])), persistent)


def read_exactly(file, count):
    here = file.tell()
    end = file.seek(0, io.SEEK_END)
    file.seek(here)
    if not 0 <= count <= end - here:
        raise Refused("the file is cut off")
    return file.read(count)


def read_row(file):
    """Pickles in a row, then the numbers of each storage behind their count."""
    if unpickle(file) != MAGIC or unpickle(file) != PROTOCOL:
        raise Refused("it is no file of PyTorch")
    unpickle(file)  # the writer's word sizes: little-endian since ever
    storages = {}

    def persistent(words):
        # ("storage", type, key, device, count, view); a view is of an older time.
        kind = storage_kind(words, 1)
        if len(words) > 5 and words[5] is not None:
            raise Refused("it holds views of storages, which are not read")
        return storages.setdefault(words[2], Storage(kind))

    answer = unpickle(file, persistent)
    for key in unpickle(file):
        storage = storages.get(key)
        if storage is None:
            raise Refused("the file is damaged: numbers that nothing uses")
        (count,) = struct.unpack("<q", read_exactly(file, 8))
        storage.fill(read_exactly(file, count * SIZES[storage.kind]))
    return answer


def read_tar(file):
    """`storages`: count, and of each key, device and type before its numbers; `tensors`: likewise; then `pickle`."""
    with tarfile.open(fileobj=file, mode="r:") as archive:
        parts = {}
        for name in ("storages", "tensors", "pickle"):
            try:
                parts[name] = io.BytesIO(archive.extractfile(name).read())
            except (KeyError, AttributeError) as error:
                raise Refused("it is a tar that PyTorch did not write: it has no %s" % name) from error
    storages, tensors = {}, {}
    for _ in range(unpickle(parts["storages"])):
        words = unpickle(parts["storages"])
        storage = storages[words[0]] = Storage(storage_kind(words, 2))
        (count,) = struct.unpack("<q", read_exactly(parts["storages"], 8))
        storage.fill(read_exactly(parts["storages"], count * SIZES[storage.kind]))
    if unpickle(parts["storages"]):
        raise Refused("it holds views of storages, which are not read")
    for _ in range(unpickle(parts["tensors"])):
        key, storage, _ = unpickle(parts["tensors"])
        (rank,) = struct.unpack("<i4x", read_exactly(parts["tensors"], 8))
        numbers = struct.unpack("<%dq" % (2 * rank + 1), read_exactly(parts["tensors"], 8 * (2 * rank + 1)))
        tensors[key] = rebuild(storages.get(storage), numbers[-1], numbers[:rank], numbers[rank:-1])
    return unpickle(parts["pickle"], lambda key: tensors[int(key)])


def read_checkpoint(path):
    """What torch.save saved: dictionaries, lists, numbers, texts and pending tensors, nothing else."""
    with open(path, "rb") as file:
        try:
            if zipfile.is_zipfile(file):
                file.seek(0)
                return read_zip(file)
            file.seek(0)
            if file.read(262)[257:] == b"ustar":
                file.seek(0)
                return read_tar(file)
            file.seek(0)
            return read_row(file)
        except Refused as error:
            raise Refused("%s: %s" % (path, error)) from error
        except (zipfile.BadZipFile, tarfile.TarError, KeyError, struct.error, TypeError, ValueError) as error:
            raise Refused("%s: the file is damaged: %s" % (path, error)) from error


def read_weights(path, *keys):
    """Names to tensors; of a training's checkpoint what lies under one of `keys`."""
    weights = read_checkpoint(path)
    for key in keys:
        if isinstance(weights, dict) and isinstance(weights.get(key), dict):
            weights = weights[key]
    if not isinstance(weights, dict) or not weights or not all(isinstance(x, Pending) for x in weights.values()):
        raise Refused("%s: it holds no weights with names" % path)
    try:
        return {str(name): value.tensor() for name, value in weights.items()}
    except Refused as error:
        raise Refused("%s: %s" % (path, error)) from error


def load_into(network, weights, path):
    """All of the network's weights, and no others, of their shapes."""
    own = network.state_dict()
    for what, names in (("lacks", set(own) - set(weights)), ("has", set(weights) - set(own))):
        # Counts of training steps came with PyTorch 0.4.1.
        names = sorted(name for name in names if not name.endswith("num_batches_tracked"))
        if names:
            more = " and %d others" % (len(names) - 1) if len(names) > 1 else ""
            unknown = ", which this network has not" if what == "has" else ""
            raise Refused("%s: it %s %s%s%s" % (path, what, names[0], more, unknown))
    for name, value in weights.items():
        if name in own and own[name].shape != value.shape:
            raise Refused(
                "%s: %s is %s where %s is needed" % (path, name, list(value.shape), list(own[name].shape))
            )
    network.load_state_dict(weights, strict=False)
    return network.eval()
