#!/usr/bin/env python3
"""Tests of the kb3d command, odd and bad input first of all: run.py KB3D [PART OF A TEST'S NAME].

KB3D_TEST_DATA names a folder with models/tiefenrausch.pt, KB3D_TEST_MODELS one with the small networks of the unit
tests; without them, the torch module or the worker, tests that need them are left out.
KB3D_TEST_SANITIZED, when set, says that the command was built with a sanitizer: no limits on memory then.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import bad
import good
import harness
import masks
import networks

if __name__ == "__main__":
    os.environ["KB3D_MODEL_PATH"] = ""  # no models but those of a test: neither the shipped nor installed ones
    sys.exit(harness.run_all(os.path.abspath(sys.argv[1]), [good, bad, masks, networks], sys.argv[2] if len(sys.argv) > 2 else ""))
