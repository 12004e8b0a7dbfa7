"""Weights come out of every form of file, and nothing in a file is ever run."""

import io
import os
import pickle
import struct
import tarfile
import tempfile
import unittest
import zipfile
from collections import OrderedDict

import torch
from torch import nn

from kb3d_models.checkpoints import MAGIC, load_into, read_weights
from kb3d_models.errors import Refused


class Evil:
    """A pickle of it makes a file, where a loader calls what it names."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (self.path,))


def write_tar(path, values, kind=torch.FloatStorage, stored=None):
    """As PyTorch wrote weights before 0.1.10: 1, 2, 3 ... of them, each a row of floats."""
    parts = {name: io.BytesIO() for name in ("storages", "tensors", "pickle")}
    for name in ("storages", "tensors"):
        pickle.dump(len(values), parts[name], 2)
    for k, value in enumerate(values.values()):
        pickle.dump((k, "cpu", kind), parts["storages"], 2)
        parts["storages"].write(struct.pack("<q%df" % value.numel(), value.numel(), *value.flatten().tolist()))
        pickle.dump((10 + k, k, torch.FloatTensor), parts["tensors"], 2)
        rank = value.dim()
        numbers = (*value.shape, *value.stride(), 0)
        parts["tensors"].write(struct.pack("<i4x%dq" % (2 * rank + 1), rank, *numbers))
    pickle.dump([], parts["storages"], 2)
    named = OrderedDict((name, value) for name, value in values.items())
    pickler = pickle.Pickler(parts["pickle"], 2)
    places = {id(value): 10 + k for k, value in enumerate(values.values())}
    pickler.persistent_id = lambda value: str(places[id(value)]) if id(value) in places else None
    pickler.dump(named if stored is None else stored)
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, part in parts.items():
            member = tarfile.TarInfo(name)
            member.size = part.tell()
            part.seek(0)
            archive.addfile(member, part)


class Checkpoints(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        torch.manual_seed(1)
        self.network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.PReLU(4))
        self.weights = self.network.state_dict()

    def path(self, name):
        return os.path.join(self.folder, name)

    def save(self, value, **form):
        torch.save(value, self.path("file"), **form)
        return self.path("file")

    def refuses(self, path, *words):
        with self.assertRaises(Refused) as caught:
            read_weights(path)
        for word in (os.path.basename(path), *words):
            self.assertIn(word, str(caught.exception))

    def same(self, found, wanted):
        self.assertEqual(set(found), set(wanted))
        for name, value in wanted.items():
            self.assertEqual(found[name].dtype, value.dtype)
            self.assertTrue(torch.equal(found[name], value), name)

    def test_every_form(self):
        parameters = OrderedDict((name, nn.Parameter(x) if x.is_floating_point() else x) for name, x in self.weights.items())
        kinds = {str(kind): torch.arange(6).to(kind) for kind in (torch.float16, torch.float64, torch.int32, torch.bool)}
        for form in ({}, {"_use_new_zipfile_serialization": False}):
            for value in (self.weights, parameters, kinds):
                self.same(read_weights(self.save(value, **form)), value)
            training = {"nb_iter": 3, "model_state_dict": self.weights, "scheduler": {"last": 0.5, "names": ["a", None]}}
            self.same(read_weights(self.save(training, **form), "model_state_dict"), self.weights)
        rows = {"a": torch.rand(2, 3), "b": torch.rand(5)}
        write_tar(self.path("old.tar"), rows)
        self.same(read_weights(self.path("old.tar")), rows)

    def test_views_and_shared_numbers(self):
        whole = torch.rand(4, 6)
        value = {"whole": whole, "across": whole.t(), "part": whole[1:3, ::2]}
        for form in ({}, {"_use_new_zipfile_serialization": False}):
            self.same(read_weights(self.save(value, **form)), value)

    def test_programs_are_refused_and_not_run(self):
        made = self.path("made")
        for form in ({}, {"_use_new_zipfile_serialization": False}):
            for value in ({"a": Evil(made)}, Evil(made), [self.weights, Evil(made)]):
                self.refuses(self.save(value, **form), "mkdir", "Nothing of it was run")
            self.refuses(self.save(self.network, **form), "torch.nn.modules.container.Sequential")
        write_tar(self.path("evil.tar"), {"a": torch.rand(2)}, stored={"a": Evil(made)})
        self.refuses(self.path("evil.tar"), "mkdir")
        self.assertFalse(os.path.exists(made))

    def test_a_program_in_each_pickle_of_a_row(self):
        made = self.path("made")
        for place in range(5):
            with open(self.path("row"), "wb") as file:
                for value in [MAGIC, 1001, {}, {}, []][:place] + [Evil(made)]:
                    pickle.dump(value, file, 2)
            self.refuses(self.path("row"), "mkdir")
        self.assertFalse(os.path.exists(made))

    def test_damaged_files(self):
        for form in ({}, {"_use_new_zipfile_serialization": False}):
            with open(self.save(self.weights, **form), "rb") as file:
                data = file.read()
            for count in (0, 1, 100, len(data) // 2, len(data) - 7):
                with open(self.path("cut"), "wb") as file:
                    file.write(data[:count])
                self.refuses(self.path("cut"))
        for name, data in (("junk", b"hello" * 200), ("picture", b"P6 1 1 255\n123")):
            with open(self.path(name), "wb") as file:
                file.write(data)
            self.refuses(self.path(name))

    def test_a_tensor_outside_of_its_numbers(self):
        class Lying:
            def __init__(self, shape, strides):
                self.shape, self.strides = shape, strides

            def __reduce__(self):
                return (torch._utils._rebuild_tensor_v2, (torch.zeros(4).storage(), 0, self.shape, self.strides, False, OrderedDict()))

        for shape, strides in (((5,), (1,)), ((1 << 40,), (0,)), ((2, 2), (3, 1)), ((-1,), (1,)), ("a", "b")):
            self.refuses(self.save({"a": Lying(shape, strides)}), "outside of its storage")

    def test_packed_zips_and_networks(self):
        with zipfile.ZipFile(self.path("packed"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/data.pkl", pickle.dumps({}))
        self.refuses(self.path("packed"), "compressed")
        torch.jit.script(self.network).save(self.path("script.pt"))
        self.refuses(self.path("script.pt"), "TorchScript")
        self.refuses(self.save({"a": 1}), "no weights")

    def test_weights_that_do_not_fit(self):
        for change, words in (
            (lambda x: x.pop("0.bias"), "it lacks 0.bias"),
            (lambda x: x.update(more=torch.rand(2)), "it has more, which this network has not"),
            (lambda x: x.update({"0.bias": torch.rand(5)}), "0.bias is [5] where [4] is needed"),
        ):
            weights = dict(self.weights)
            change(weights)
            with self.assertRaises(Refused) as caught:
                load_into(self.network, weights, "net.pth")
            self.assertIn("net.pth: " + words, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
