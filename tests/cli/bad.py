"""What must fail: with a reason, and nothing left behind."""
import os
import resource
import signal
import subprocess
import time
import zlib

import files
from good import color, depth, flat, picture
from harness import Skip


def test_usage(b):
    picture(b)
    picture(b, "two.ppm")
    for words in (
            ["frobnicate"], ["animate"], ["depth"], ["view"], ["animate", "in.ppm", "--frobnicate"],
            ["animate", "in.ppm", "--ease", "wobble"], ["animate", "in.ppm", "--motion", "spin"],
            ["animate", "in.ppm", "--loop", "twice"], ["animate", "in.ppm", "--fps", "0"],
            ["animate", "in.ppm", "--fps", "25x"], ["animate", "in.ppm", "--fps", "1/0"],
            ["animate", "in.ppm", "--duration", "-1"], ["animate", "in.ppm", "--duration", "nan"],
            ["animate", "in.ppm", "--size", "10"], ["animate", "in.ppm", "--size", "0x10"],
            ["animate", "in.ppm", "--size", "99999x10"], ["animate", "in.ppm", "--zoom", "0"],
            ["animate", "in.ppm", "--shift", "-0.1"], ["animate", "in.ppm", "--range", "1,1"],
            ["animate", "in.ppm", "--from", "1,2,3"], ["animate", "in.ppm", "--from", "1,2,0,4"],
            ["animate", "in.ppm", "--focus", "-3"], ["animate", "in.ppm", "--focus", "1,2,3"],
            ["animate", "in.ppm", "--seed", "-1"], ["animate", "in.ppm", "--seed", "18446744073709551616"],
            ["animate", "in.ppm", "--threads", "0"], ["animate", "in.ppm", "--threads", "257"],
            ["animate", "in.ppm", "--backend", "abacus"], ["animate", "in.ppm", "--extend", "magic"],
            ["animate", "in.ppm", "--model", "net.pt"], ["animate", "in.ppm", "--model", "taste=net.pt"],
            ["animate", "in.ppm", "--motion", "auto", "--to", "5,5,4,3"], ["animate", "in.ppm", "-o", "out.mov"],
            ["animate", "in.ppm", "-o"], ["animate", "in.ppm", "--quiet=yes"],
            ["animate", "in.ppm", "--holes", "x.png"],
            ["animate", "in.ppm", "two.ppm", "-o", "out.mp4"], ["animate", "in.ppm", "two.ppm", "--depth", "d.pgm"],
            ["depth", "in.ppm"], ["depth", "in.ppm", "-o", "out.jpg"],
            ["depth", "in.ppm", "two.ppm", "-o", "o.png"],
            ["depth", "in.ppm", "-o", "o.png", "--stage", "final"], ["view", "in.ppm", "-o", "out.jpg"],
            ["view", "in.ppm", "-o", "o.png", "--translate", "1,2"],
            ["view", "in.ppm", "-o", "o.png", "--holes", "o.png"],
            ["animate", "in.ppm", "--model", "segment="], ["animate", "in.ppm", "--model", "=net.pt"],
            ["animate", "in.ppm", "--networks", "cloud"],
            ["animate", "in.ppm", "--worker-memory", "2X"], ["animate", "in.ppm", "--worker-memory", "2GB"],
            ["animate", "in.ppm", "--worker-memory", "0"], ["animate", "in.ppm", "--worker-memory", "-1G"],
            ["animate", "in.ppm", "--worker-memory", "inf"], ["animate", "in.ppm", "--worker-memory", "9999999T"],
            ["animate", "in.ppm", "--worker-time", "0"], ["animate", "in.ppm", "--worker-time", "1.5"],
            ["animate", "in.ppm", "--worker-time", "99999999999"], ["animate", "in.ppm", "--allow-operators=yes"],
            ["animate", "in.ppm", "--quality", "best"], ["animate", "in.ppm", "--skip", "estimate"],
            ["animate", "in.ppm", "--skip", "adjust,"], ["animate", "in.ppm", "--skip", ""],
            ["animate", "in.ppm", "--mask", "in.ppm"], ["animate", "in.ppm", "--mask", "tree=in.ppm"],
            ["animate", "in.ppm", "--mask", "sky="], ["animate", "in.ppm", "two.ppm", "--mask", "sky=in.ppm"],
            ["animate", "in.ppm", "--stage", "refine"], ["depth", "in.ppm", "-o", "o.pfm", "--view"],
            ["view", "in.ppm", "-o", "o.png", "--view"], ["bench", "--quality", "high"],
            ["bench", "in.ppm"], ["info", "in.ppm"], ["info", "--networks", "worker"]):
        b.fails(*words, status=2)


def test_bad_pictures(b):
    whole = files.png(40, 30, files.RGB, 8, color)
    photo = files.jpeg([[(20 * x + y,) for x in range(8)] for y in range(8)])
    impossible = bytes([0x00] + [255] * 16) + bytes(400)
    for name, data in (
            ("empty.png", b""), ("text.png", b"once upon a time there was a picture\n"), ("one.jpg", b"\xff"),
            ("cut.png", whole[:len(whole) // 2]), ("cut.jpg", photo[:60]), ("header.jpg", photo[:2]),
            ("corrupt.png", whole[:60] + bytes(40) + whole[100:]),
            ("zero.png", files.png(0, 30, files.RGB, 8, stream=zlib.compress(b""))),
            ("zero.jpg", files.jpeg([[(20,)]], size=(8, 0))), ("zero.ppm", b"P6\n0 5\n255\n"),
            ("vast.png", files.png(65535, 65535, files.RGB, 8, stream=zlib.compress(bytes(1000)))),
            ("vast.jpg", files.jpeg([[(20,)]], size=(65535, 65535))),
            ("vast.ppm", b"P6\n65535 65535\n255\n" + bytes(99)),
            ("overflow.png", files.png(0x7fffffff, 0x7fffffff, files.RGBA, 16, stream=zlib.compress(bytes(9)))),
            ("tables.jpg", files.jpeg([[(20,)]], tables=impossible)),
            ("video.jpg", b"\0\0\0\x20ftypisom" + bytes(500))):
        b.file("in/" + name, data)
        run = b.fails("animate", "in/" + name, "--depth", flat(b), "-o", "out.mp4", names="in/" + name)
        assert os.environ.get("KB3D_TEST_SANITIZED") or run.peak_mb < 200, (name, run.peak_mb)
        b.fails("view", "in/" + name, "--depth", flat(b), "-o", "out.png", names="in/" + name)
    b.fails("animate", "missing.jpg", "--depth", "flat.pgm", names="missing.jpg")
    os.mkdir(b.path("folder.jpg"))
    b.fails("view", "folder.jpg", "--depth", "flat.pgm", "-o", "out.png", names="folder.jpg")
    b.fails("animate", "folder.jpg", names="folder.jpg")


def test_small_file_that_wants_a_gigabyte(b):
    packer = zlib.compressobj(1)
    stream = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1 << 10)) + packer.flush()
    b.file("bomb.png", files.png(16, 16, files.RGB, 8, stream=stream))
    b.file("wide.jpg", files.jpeg([[(9, 9, 9)]], size=(18000, 18000)))
    for name in ("bomb.png", "wide.jpg"):
        run = b.run("view", name, "--depth", flat(b), "-o", "out.png")
        assert run.status in (0, 1) and len(run.err.splitlines()) == run.status, run.err
        assert os.environ.get("KB3D_TEST_SANITIZED") or run.peak_mb < 200, (name, run.peak_mb)
        assert run.status == 0 or "out.png" not in b.list()


def test_bad_depth(b):
    picture(b)
    for name, data in (("text.pfm", b"hello"), ("empty.pfm", b""), ("cut.pfm", files.pfm(9, 9, lambda x, y: 1)[:99]),
                       ("vast.pfm", b"Pf\n99999 99999\n-1.0\n"), ("cut.png", b"\x89PNG\r\n\x1a\n")):
        b.file(name, data)
        b.fails("depth", "in.ppm", "--depth", name, "-o", "out.pfm", names=name)
    b.fails("depth", "in.ppm", "--depth", "missing.pfm", "-o", "out.pfm", names="missing.pfm")
    b.fails("depth", "in.ppm", "-o", "out.pfm", names="in.ppm")


def test_bad_windows(b):
    picture(b)
    for window in ("0,0,48,36", "24,18,49,36", "24,18,4800,3600", "-100,18,10,10"):
        for end in ("--from", "--to"):
            b.fails("animate", "in.ppm", "--depth", depth(b), end, window, "-o", "out.mp4", names="in.ppm")
    b.fails("animate", "in.ppm", "--depth", "depth.pgm", "--from", "24,18,20,20", "--focus", "99,99", "-o", "out.mp4",
            names="in.ppm")


def test_bad_outputs(b):
    picture(b)
    os.mkdir(b.path("folder.png"))
    same = b.file("same.png", files.png(20, 20, files.RGB, 8, color))
    base = ["--depth", flat(b), "--focal", "60"]
    b.fails("animate", "in.ppm", *base, "-o", "nowhere/out.mp4", names="nowhere/out.mp4")
    b.fails("animate", "in.ppm", *base, "-o", "nowhere/deep/", names="nowhere/deep/")
    b.fails("animate", "in.ppm", *base, "--frames", "nowhere/deep", names="nowhere/deep")
    b.fails("animate", "in.ppm", *base, "--frames", "in.ppm", names="in.ppm")
    b.fails("animate", "in.ppm", *base, "-o", "in.ppm/out.gif", names="in.ppm/out.gif")
    b.fails("view", "in.ppm", *base, "-o", "folder.png", names="folder.png")
    b.fails("view", same, *base, "-o", "same.png", names="same.png")
    b.fails("view", "in.ppm", "--depth", same, "-o", "same.png", names="same.png")
    b.fails("depth", "in.ppm", *base, "-o", "/dev/null/out.pfm", names="/dev/null/out.pfm")
    b.fails("animate", "in.ppm", *base, "--size", "20000x20000", "--duration", "0.04", "-o", "o.mp4", names="o.mp4")
    b.fails("view", "in.ppm", *base, "-o", "out.png", "--backend", "cuda", "--device", "999")
    b.fails("view", "in.ppm", *base, "-o", "out.png", "--device", "1")


def test_read_only_folder(b):
    if os.geteuid() == 0:
        raise Skip("root may write everywhere")
    picture(b)
    os.mkdir(b.path("locked"), 0o500)
    b.fails("animate", "in.ppm", "--depth", flat(b), "-o", "locked/out.mp4", names="locked/out.mp4")


def test_full_disk(b):
    b.file("in.ppm", files.ppm(160, 120, lambda x, y: (x * y * 7 & 255, x * 31 + y & 255, y * 77 & 255)))
    os.mkdir(b.path("full"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", b.path("full")], capture_output=True)
    if mounted.returncode:
        raise Skip("no right to mount a small tmpfs")
    try:
        for name in ("out.mp4", "out.webm", "out.avi", "out.gif"):
            run = b.fails("animate", "in.ppm", "--depth", flat(b), "-o", "full/" + name, "--size", "320x240",
                          "--focal", "60", "--duration", "2", names="full/" + name)
            assert "No space left" in run.err, run.err
        b.fails("animate", "in.ppm", "--depth", flat(b), "--frames", "full/frames", names="full/frames")
        b.fails("view", "in.ppm", "--depth", flat(b), "-o", "full/out.png", "--size", "640x480",
                names="full/out.png")
        b.fails("depth", "in.ppm", "--depth", flat(b), "-o", "full/out.pfm", names="full/out.pfm")
        with open("/dev/full", "w") as full:
            status = subprocess.run([b.command, "info"], stdout=full, stderr=subprocess.PIPE, cwd=b.folder)
        assert status.returncode == 1 and b"kb3d: standard output" in status.stderr
    finally:
        subprocess.run(["umount", b.path("full")], check=True)


def test_file_size_limit(b):
    picture(b, width=200, height=150)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    for name in ("out.mp4", "out.gif"):
        b.fails("animate", "in.ppm", "--depth", flat(b), "-o", name, "--focal", "60", names=name, preexec_fn=limit)


def default_signals():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_interrupt(b):
    picture(b, width=320, height=240)
    base = ["animate", "in.ppm", "--depth", depth(b), "--duration", "600", "--focal", "60"]
    before = b.tree()
    for words in (["-o", "out.mp4"], ["-o", "out.webm"], ["-o", "out.gif"], ["--frames", "frames"], ["-o", "out/"]):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = b.start(*base, *words, preexec_fn=default_signals)
            limit = time.monotonic() + 20
            while b.tree() == before and time.monotonic() < limit:
                time.sleep(0.02)
            assert b.tree() != before, "it never began"
            time.sleep(0.3)
            process.send_signal(number)
            _, err = process.communicate(timeout=20)
            assert process.returncode == 128 + number and err == "kb3d: interrupted\n", (process.returncode, err)
            assert b.tree() == before, b.tree()
