"""Builds libkb3d with Meson and puts it into the wheel, with its networks, its worker, and a module for each libtorch.

KB3D_MESON_ARGS in the environment goes to Meson, such as -Dtorch=disabled for a wheel that is handed out.
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

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70
    from wheel.bdist_wheel import bdist_wheel

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
    subprocess.run(["meson", "compile", "-C", str(build)], check=True)
    staging = build / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    subprocess.run(["meson", "install", "-C", str(build), "--no-rebuild", "--destdir", str(staging.resolve())], check=True)
    shutil.rmtree(target, ignore_errors=True)
    installed = staging / "usr/local"
    (target / "lib").mkdir(parents=True)
    shutil.copy((installed / "lib/libkb3d.so.0").resolve(), target / "lib/libkb3d.so.0")
    shutil.copytree(installed / "lib/kb3d", target / "lib/kb3d")
    shutil.copytree(installed / "share/kb3d", target / "share/kb3d")
    shutil.copy(ROOT / "LICENSE", target / "share/kb3d/LICENSE")


class build_with_library(build_py):
    def run(self):
        super().run()
        if self.editable_mode:
            raise SystemExit("kb3d cannot be installed in place (-e): its library is built into the wheel")
        package = pathlib.Path(self.build_lib) / "kb3d"
        (package / "_declarations.py").write_text(declarations.module(ROOT / "include/kb3d"), encoding="utf-8")
        build_library(pathlib.Path(self.get_finalized_command("build").build_temp) / "meson", package / "native")


class Native(Distribution):
    """Has machine code, though no extension module."""

    def has_ext_modules(self):
        return True


class wheel_of_any_python(bdist_wheel):
    """The library is opened at run time: any Python 3, but one platform."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


setup(version=version(), distclass=Native, package_data={"kb3d": ["py.typed"]},
      cmdclass={"build_py": build_with_library, "bdist_wheel": wheel_of_any_python})
