"""The Python binding as its user has it: run.py PACKAGES SOURCE

Builds a source distribution and from that the wheel, lets auditwheel make it fit for other machines, installs it into
the virtual environment PACKAGES, and runs the tests of bindings/python against it. In the end, an install in place.
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

packages, source = map(pathlib.Path, sys.argv[1:])
os.environ.pop("KB3D_MODEL_PATH", None)  # the wheel brings its own; the tests say where they want none
os.environ.pop("LD_LIBRARY_PATH", None)
tools = dict(os.environ, PATH="%s/bin:/usr/bin:%s" % (packages, os.environ["PATH"]), KB3D_MESON_ARGS="-Dtorch=disabled")


def step(*words, **options):
    done = subprocess.run([str(word) for word in words], env=tools, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, **options)
    if done.returncode:
        sys.exit("FAILED %s\n%s%s" % (words[1], done.stdout, done.stderr))


with tempfile.TemporaryDirectory(prefix="kb3d-python-") as work:
    pip = packages / "bin/pip"
    step(packages / "bin/python", "-m", "build", "--sdist", "--no-isolation", "--skip-dependency-check", "-o", work, source / "bindings/python")
    archive = glob.glob(work + "/kb3d-*.tar.gz")[0]
    print("ok sdist %s, %.1f MB" % (os.path.basename(archive), os.path.getsize(archive) / 1e6), flush=True)
    step(pip, "wheel", "--no-build-isolation", "--no-index", "--no-deps", "-w", work, archive)
    wheel = glob.glob(work + "/kb3d-*.whl")[0]
    step(packages / "bin/auditwheel", "repair", "-w", work + "/repaired", wheel)
    repaired = glob.glob(work + "/repaired/kb3d-*.whl")[0]
    name = os.path.basename(repaired)
    assert re.search(r"-py3-none-manylinux_2_\d+_x86_64\.whl$", name) or os.uname().machine != "x86_64", name
    print("ok wheel %s, %.1f MB" % (name, os.path.getsize(repaired) / 1e6), flush=True)
    step(pip, "install", "--force-reinstall", "--no-index", "--no-deps", repaired)
    tests = [packages / "bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", source / "bindings/python/tests"]
    failed = subprocess.run(tests, stdin=subprocess.DEVNULL).returncode

    shutil.unpack_archive(archive, work)
    unpacked = archive[:-len(".tar.gz")]
    step(pip, "install", "--no-build-isolation", "--no-index", "--no-deps", "-e", unpacked)
    where = "import kb3d, numpy as np; d = np.ones((8, 8), 'f4'); kb3d.Scene(d, depth=d); print(kb3d.__file__)"
    said = subprocess.run([packages / "bin/python", "-c", where], cwd=work, capture_output=True, text=True)
    assert os.path.realpath(said.stdout.strip()).startswith(os.path.realpath(unpacked)), said.stdout + said.stderr
    print("\nok install in place")
    step(pip, "install", "--force-reinstall", "--no-index", "--no-deps", repaired)
sys.exit(failed)
