#!/usr/bin/env python3
"""Tests of the plug-in for GIMP: run.py PLUG-IN GIMP'S-LIBRARY-FOLDER KB3D PHOTO DEPTH.

All that needs no screen runs in one GIMP, as starting it takes seconds; then the dialog in a second one under Xvfb.
Frames are compared with those of the command, which flies by the same library.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import batch
import dialog
import gimp
import pixels
import version

SKIPPED = 77


class Bench:
    def __init__(self, command, photo, depth, folder):
        self.command, self.photo, self.folder = command, photo, folder
        width, height, rows = pixels.read_pfm(depth)
        most = max(value for row in rows for value in row if value < 1e30)
        self.width, self.height = width, height
        self.whole = ("--duration", "5", "--fps", "25", "--size", "%dx%d" % (width, height))  # what is usual
        self.depth = pixels.write(self.path("depth.pgm"), b"P5\n%d %d\n255\n" % (width, height) + bytes(
            min(255, round(255 * value / most)) for row in rows for value in row))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make_folder(self, name):
        os.makedirs(self.path(name), exist_ok=True)
        return self.path(name)

    def animate(self, output=None, frames=None, words=(), photo=None, depth=None, models=""):
        """The command on the same picture and depth; the usual flight of gimp.Flight unless the words say other."""
        words = ["--duration", "0.3", "--fps", "10", "--size", "192x128", *words]
        words += ["-o", output] if output else ["--frames", frames]
        words += ["--depth", self.depth] if depth is None else []
        subprocess.run([self.command, "animate", photo or self.photo, "-q", *words], check=True,
                       env={**os.environ, "KB3D_MODEL_PATH": models})


def main(plugin, library_folder, command, photo, depth):
    for program in ("gimp", "Xvfb", "xdotool"):
        if not shutil.which(program):
            print("skipped: %s is not installed" % program)
            return SKIPPED
    failed = passed = 0
    with tempfile.TemporaryDirectory(prefix="kb3d-gimp-") as folder:
        bench = Bench(command, photo, depth, folder)
        host = gimp.Gimp(plugin, library_folder, folder)
        for part in (batch, version, dialog):
            for name, check in part.run(bench, host):
                try:
                    check()
                    passed += 1
                    print("ok   %s" % name, flush=True)
                except Exception:
                    failed += 1
                    print("FAIL %s\n%s" % (name, traceback.format_exc(limit=-3)), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    if len(sys.argv) != 6:
        print("skipped: the plug-in was not built; it needs libgimp2.0-dev and what the command needs")
        sys.exit(SKIPPED)
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
