"""A library of another API is refused, in one sentence, before anything else of it is called."""
import subprocess

import gimp
from batch import Error


def run(bench, host):
    other = bench.path("other.so")
    source = b"unsigned kb3d_api_version(void) { return 1u << 16; }"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", other], input=source, check=True)
    case = Error(bench, "another API", "libkb3d has API 1.0, the plug-in was compiled for")
    output = host.start([case.script], "--no-interface", LD_PRELOAD=other).communicate(timeout=600)[0]
    return gimp.check([case], output)
