"""Builds libkb3d with Meson and puts it into the wheel, with its networks, its worker, and a module for each libtorch.

Installed in place (pip install -e), the library lies beside the Python sources. A source distribution has libkb3d's
sources in the folder libkb3d. KB3D_MESON_ARGS in the environment goes to Meson, such as -Dtorch=disabled for a wheel that is handed out.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import declarations  # noqa: E402

from setuptools import Distribution, setup  # noqa: E402
from setuptools.command.build_py import build_py  # noqa: E402
from setuptools.command.sdist import sdist  # noqa: E402

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70
    from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE / "libkb3d" if (HERE / "libkb3d").is_dir() else HERE.parents[1]
# What Meson reads and compiles for the wheel.
SOURCES = ("LICENSE", "meson.build", "meson_options.txt", "include", "kernels", "lib", "models", "tools", "examples/meson.build",
           "examples/demo", "examples/hosts/gimp", "docs/meson.build", "tests/meson.build")


def version():
    return re.search(r"^  version: '(.*)'", (ROOT / "meson.build").read_text(), re.MULTILINE).group(1)


def torch_of_this_python():
    """The libtorch that a program of this Python would load."""
    root = pathlib.Path(sysconfig.get_path("purelib")) / "torch"
    return ["-Dtorch_roots=%s" % root] if (root / "lib/libtorch_cpu.so").exists() else []


def build_library(build, target):
    """Installs into TARGET what a program needs: lib/libkb3d.so.0, lib/kb3d/*, share/kb3d/*."""
    arguments = ["--libdir=lib", "-Dtools=disabled", "-Ddocs=disabled", "-Dtests=false", "-Dstrip=true"]
    arguments += torch_of_this_python() + shlex.split(os.environ.get("KB3D_MESON_ARGS", ""))
    shutil.rmtree(build, ignore_errors=True)  # options of an earlier build would stay
    subprocess.run(["meson", "setup", str(build), str(ROOT), "--prefix=/usr/local", *arguments], check=True)
    subprocess.run(["ninja", "-C", str(build), "all", "tools/kb3d-palette.so"], check=True)
    staging = build / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    subprocess.run(["meson", "install", "-C", str(build), "--no-rebuild", "--destdir", str(staging.resolve())], check=True)
    shutil.rmtree(target, ignore_errors=True)
    installed = staging / "usr/local"
    (target / "lib").mkdir(parents=True)
    shutil.copy((installed / "lib/libkb3d.so.0").resolve(), target / "lib/libkb3d.so.0")
    shutil.copytree(installed / "lib/kb3d", target / "lib/kb3d")
    shutil.copy(build / "tools/kb3d-palette.so", target / "lib/kb3d")
    shutil.copytree(installed / "share/kb3d", target / "share/kb3d")
    shutil.copy(ROOT / "LICENSE", target / "share/kb3d/LICENSE")


class build_with_library(build_py):
    def run(self):
        super().run()
        package = HERE / "src/kb3d" if self.editable_mode else pathlib.Path(self.build_lib) / "kb3d"
        (package / "_declarations.py").write_text(declarations.module(ROOT), encoding="utf-8")
        build_library(pathlib.Path(self.get_finalized_command("build").build_temp) / "meson", package / "native")


class sdist_with_library(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        for name in SOURCES:
            target = pathlib.Path(base_dir) / "libkb3d" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)


class Native(Distribution):
    """Has machine code, though no extension module."""

    def has_ext_modules(self):
        return True


class wheel_of_any_python(bdist_wheel):
    """The library is opened at run time: any Python 3, but one platform."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


setup(version=version(), distclass=Native, package_data={"kb3d": ["py.typed"]},
      cmdclass={"build_py": build_with_library, "bdist_wheel": wheel_of_any_python, "sdist": sdist_with_library})
