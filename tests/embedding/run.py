"""The programs of docs/embedding.md against an installed copy: run.py BUILD SOURCE PHOTO DEPTH [PACKAGES]

Each is taken from the page, compiled, run, and writes the same bytes. Python's needs the virtual environment PACKAGES.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

BUILD, SOURCE, PHOTO, DEPTH = (pathlib.Path(word).resolve() for word in sys.argv[1:5])
PACKAGES = pathlib.Path(sys.argv[5]) if len(sys.argv) > 5 else None
PAGE = (SOURCE / "docs/embedding.md").read_text(encoding="utf-8")


def program(language):
    blocks = re.findall(r"^```%s\n(.*?)^```" % language, PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, language
    return blocks[0]


def run(*words, **environment):
    done = subprocess.run([str(word) for word in words], env=dict(os.environ, **environment), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError("%s\n%s%s" % (words, done.stdout, done.stderr))
    return done.stdout


def compiled(work, compiler, standard, suffix, text):
    file = work / ("host" + suffix)
    file.write_text(text)
    flags = shlex.split(run("pkg-config", "--cflags", "--libs", "kb3d"))
    run(compiler, standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", file, "-o", work / "host", *flags)
    return [work / "host"]


def in_c(work):
    return compiled(work, "cc", "-std=c99", ".c", program("c"))


def in_cpp(work):
    return compiled(work, "c++", "-std=c++17", ".cc", program("cpp"))


def in_python(work):
    if not PACKAGES:
        return None
    shutil.copytree(SOURCE / "bindings/python/src/kb3d", work / "kb3d")
    sys.path.insert(0, str(SOURCE / "bindings/python"))
    import declarations

    (work / "kb3d/_declarations.py").write_text(declarations.module(SOURCE), encoding="utf-8")
    (work / "host.py").write_text(program("python"))
    return [PACKAGES / "bin/python", work / "host.py"]


def in_rust(work):
    if not shutil.which("cargo"):
        return None
    (work / "src").mkdir()
    (work / "src/main.rs").write_text(program("rust"))
    shutil.copytree(SOURCE / "bindings/rust", work / "rust", ignore=shutil.ignore_patterns("target"))
    (work / "Cargo.toml").write_text('[package]\nname = "host"\nversion = "0.1.0"\nedition = "2021"\n\n'
                                     '[dependencies]\nkb3d = { path = "rust/kb3d" }\n')
    run("cargo", "build", "--offline", "--manifest-path", work / "Cargo.toml", CARGO_TARGET_DIR=str(BUILD / "rust/host"))
    return [BUILD / "rust/host/debug/host"]


def main():
    frames = {}
    os.environ["PATH"] = "/usr/bin:" + os.environ["PATH"]  # Debian's cargo, whatever else is on the path
    with tempfile.TemporaryDirectory(prefix="kb3d-embedding-") as folder:
        work = pathlib.Path(folder)
        run("meson", "install", "-C", BUILD, "--no-rebuild", DESTDIR=str(work / "root"))
        library = next((work / "root").rglob("libkb3d.so"))
        os.environ.update(PKG_CONFIG_PATH=str(library.parent / "pkgconfig"), PKG_CONFIG_SYSROOT_DIR=str(work / "root"),
                          LD_LIBRARY_PATH=str(library.parent), KB3D_LIBRARY=str(library))
        for language, make in {"C": in_c, "C++": in_cpp, "Python": in_python, "Rust": in_rust}.items():
            (work / language).mkdir()
            command = make(work / language)
            if not command:
                print("skip %s: not here" % language, flush=True)
                continue
            run(*command, PHOTO, DEPTH, work / language / "frame.ppm")
            frames[language] = (work / language / "frame.ppm").read_bytes()
            same = frames[language] == frames["C"] and len(frames[language]) == 15 + 480 * 320 * 3
            print("%s %s" % ("ok" if same else "FAILED", language), flush=True)
    return len(set(frames.values())) != 1


if __name__ == "__main__":
    sys.exit(main())
