"""What must work: every command, odd pictures, odd depth maps."""
import json
import os
import pty
import select
import shutil
import subprocess

import files
from harness import Skip

SMALL = ["--duration", "0.2", "--focal", "60"]


def color(x, y):
    return (x * 5 & 255, y * 7 & 255, (x + y) * 3 & 255)


def picture(b, name="in.ppm", width=48, height=36):
    return b.file(name, files.ppm(width, height, color))


def depth(b, name="depth.pgm", width=48, height=36):
    return b.file(name, files.pgm(width, height, lambda x, y: 255 if x > width // 3 and y > height // 3 else 64))


def flat(b):
    return b.file("flat.pgm", files.pgm(4, 4, lambda x, y: 128))


def look(b, name, *more):
    """The view from the picture's own camera, as (width, height, samples, rows)."""
    b.works("view", name, "-o", "view.png", "--depth", flat(b), "--focal", "60", *more)
    return files.read_png(b.path("view.png"))


def is_near(pixel, wanted, tolerance):
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, wanted))


def probe(b, name):
    """What ffprobe says of a file's stream, every frame decoded."""
    if not shutil.which("ffprobe"):
        raise Skip("no ffprobe")
    out = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json",
                          b.path(name)], capture_output=True, text=True, check=True)
    assert out.stderr == "", out.stderr
    told = json.loads(out.stdout)
    assert len(told["streams"]) == 1, told
    return told["streams"][0], told["format"]


def test_help_and_version(b):
    assert "animate" in b.works("--help").out
    assert b.works("--version").out.startswith("kb3d 0.")
    for command in ("animate", "depth", "view", "bench", "info"):
        assert "--threads" in b.works(command, "--help").out
        assert b.works(command, "--version").out.startswith("kb3d 0.")


def test_info(b):
    out = b.works("info").out
    for word in ("cpu", "cuda", "SIMD", "threads", "libavcodec", ".mp4", "modules"):
        assert word in out, word


def test_bench(b):
    told = json.loads(b.works("bench", "--json", "--size", "128x96").out)
    assert all(key.endswith(("_fps", "_ms", "_mb")) and value > 0 for key, value in told.items()), told
    assert any(key.startswith("render_128x96") for key in told) and "memory_mb" in told
    assert "render_128x96" in b.works("bench", "--size", "128x96").out


def test_defaults(b):
    picture(b, "pictures/holiday.one.ppm", 61, 47)
    b.works("animate", "pictures/holiday.one.ppm", "--depth", depth(b))
    assert b.list() == ["depth.pgm", "holiday.one.mp4", "pictures"]
    data = open(b.path("holiday.one.mp4"), "rb").read()
    assert data.find(b"moov") < data.find(b"mdat"), "not ready to be streamed"
    stream, _ = probe(b, "holiday.one.mp4")
    wanted = {"codec_name": "h264", "profile": "High", "pix_fmt": "yuv420p", "color_range": "tv", "width": 60,
              "height": 46, "color_space": "bt709", "color_transfer": "bt709", "color_primaries": "bt709",
              "r_frame_rate": "25/1", "nb_read_frames": "125"}
    assert {key: stream[key] for key in wanted} == wanted, stream
    assert abs(float(stream["duration"]) - 5) < 0.01


def test_long_side(b):
    picture(b, "wide.ppm", 2400, 40)
    b.works("animate", "wide.ppm", "--depth", flat(b), "--duration", "0.04")
    stream, _ = probe(b, "wide.mp4")
    assert (stream["width"], stream["height"]) == (1920, 32)
    b.works("animate", "wide.ppm", "--depth", flat(b), "--duration", "0.04", "--size", "native")
    assert probe(b, "wide.mp4")[0]["width"] == 2400


def test_formats(b):
    picture(b)
    for name, codec in (("o.mp4", "h264"), ("o.WEBM", "vp9"), ("o.avi", "mpeg4"), ("o.gif", "gif")):
        b.works("animate", "in.ppm", "--depth", depth(b), "-o", name, "--duration", "0.5", "--fps", "20",
                "--size", "65x49")
        stream, _ = probe(b, name)
        size = (65, 49) if codec == "gif" else (64, 48)
        assert (stream["codec_name"], stream["width"], stream["height"]) == (codec, *size), stream
        assert stream["nb_read_frames"] == "10" and stream["r_frame_rate"] == "20/1", stream


def test_frame_rates(b):
    picture(b)
    for given, wanted in (("29.97", "30000/1001"), ("30000/1001", "30000/1001"), ("12.5", "25/2"), ("24", "24/1")):
        b.works("animate", "in.ppm", "--depth", flat(b), "-o", "o.mp4", "--duration", "1", "--fps", given)
        assert probe(b, "o.mp4")[0]["r_frame_rate"] == wanted, given


def test_frames(b):
    picture(b)
    b.works("animate", "in.ppm", "--depth", depth(b), "--frames", "alone", *SMALL)
    assert b.list() == ["alone", "depth.pgm", "in.ppm"]
    assert b.list("alone") == ["frame_%05d.png" % i for i in range(1, 6)]
    assert files.read_png(b.path("alone/frame_00001.png"))[:3] == (48, 36, 3)
    b.works("animate", "in.ppm", "--depth", "depth.pgm", "--frames", "too", "-o", "o.gif", "--size", "33x21", *SMALL)
    assert len(b.list("too")) == 5 and "o.gif" in b.list()
    assert files.read_png(b.path("too/frame_00001.png"))[:2] == (33, 21)


def test_same_frames_for_any_threads(b):
    picture(b, width=96, height=72)
    for threads in ("1", "2", "5"):
        b.works("animate", "in.ppm", "--depth", depth(b), "--frames", threads, "--threads", threads, *SMALL)
    for name in b.list("1"):
        first, second, third = (open(b.path(t + "/" + name), "rb").read() for t in ("1", "2", "5"))
        assert first == second == third, name


def test_flights(b):
    picture(b)
    base = ["animate", "in.ppm", "--depth", depth(b), "-o", "o.avi", *SMALL]
    for words in (["--from", "24,18,40,30"], ["--to", "20,15,24,18"], ["--from=24,18,40,30", "--to=20,15,24,18"],
                  ["--motion", "dolly"], ["--motion", "dolly", "--to", "20,15,24,18"], ["--motion", "auto"],
                  ["--motion", "circle"],
                  ["--zoom", "1.5", "--shift", "0.2"], ["--shift", "0"], ["--range", "-0.5,2"], ["--ease", "linear"],
                  ["--ease", "in", "--loop", "bounce"], ["--ease", "out"], ["--focus", "2"], ["--focus", "30,20"],
                  ["--extend", "none"], ["--extend", "classical"], ["--seed", "18446744073709551615"],
                  ["--depth-kind", "z"], ["--backend", "cpu"], ["--quiet"]):
        b.works(*base, *words)


def test_bounce_repeats_without_a_jump(b):
    picture(b)
    b.works("animate", "in.ppm", "--depth", depth(b), "--frames", "f", "--loop", "bounce", "--duration", "0.4",
            "--ease", "linear", "--focal", "60")
    frames = [open(b.path("f/" + name), "rb").read() for name in b.list("f")]
    assert len(frames) == 10 and frames[1] == frames[9] and frames[0] != frames[9]


def test_depth(b):
    picture(b)
    b.file("own.pfm", files.pfm(48, 36, lambda x, y: 0.25 + x / 48))
    b.works("depth", "in.ppm", "--depth", "own.pfm", "-o", "out.pfm", "--focal", "60")
    width, height, rows = files.read_pfm(b.path("out.pfm"))
    assert (width, height) == (48, 36)
    assert all(abs(rows[y][x] - (0.25 + x / 48)) < 1e-5 for y in range(36) for x in range(48))
    b.works("depth", "in.ppm", "--depth", "own.pfm", "-o", "out.png", "--stage", "estimate")
    width, height, samples, rows = files.read_png(b.path("out.png"))
    assert (width, height, samples) == (48, 36, 1) and rows[5][47] == 65535 and 12000 < rows[5][0] < 14000


def test_view(b):
    width, height, samples, rows = look(b, picture(b), "--holes", "holes.png")
    assert (width, height, samples) == (48, 36, 3)
    assert all(is_near(rows[y][3 * x:3 * x + 3], color(x, y), 2) for y in range(2, 34) for x in range(2, 46))
    assert files.read_png(b.path("holes.png"))[:3] == (48, 36, 1)
    assert look(b, "in.ppm", "--size", "20x30")[:2] == (20, 30)


def test_view_moves_as_it_should(b):
    b.file("line.ppm", files.ppm(64, 32, lambda x, y: (255,) * 3 if x == 40 else (0,) * 3))
    b.file("half.pgm", files.pgm(64, 32, lambda x, y: 51))  # inverse depth 0.2
    b.works("view", "line.ppm", "--depth", "half.pgm", "--focal", "100", "--translate", "0.5,0,0", "-o", "o.png",
            "--holes", "h.png")
    row = files.read_png(b.path("o.png"))[3][16][::3]
    assert row.index(max(row)) == 30, "100 px * 0.5 * 0.2 is 10 pixels to the left"
    holes = files.read_png(b.path("h.png"))[3][16]
    assert holes[60] == 255 and holes[20] == 0, "what came in at the right is painted"


def test_orientations(b):
    corners = [[(20,), (20,), (90,), (90,)], [(20,), (20,), (90,), (90,)], [(160,), (160,), (230,), (230,)]]
    a, c, d, e = 20, 90, 160, 230  # upper left and right, lower left and right, as stored
    wanted = {1: (a, c, d, e), 2: (c, a, e, d), 3: (e, d, c, a), 4: (d, e, a, c), 5: (a, d, c, e), 6: (d, a, e, c),
              7: (e, c, d, a), 8: (c, e, a, d)}
    for orientation, values in wanted.items():
        b.file("in.jpg", files.jpeg(corners, files.exif(orientation)))
        width, height, samples, rows = look(b, "in.jpg")
        assert (width, height) == ((24, 32) if orientation > 4 else (32, 24)), orientation
        seen = [rows[y][samples * x] for y in (3, -4) for x in (3, width - 4)]
        assert is_near(seen, values, 6), (orientation, seen)


def test_cmyk_jpeg(b):
    adobe = files.segment(0xEE, b"Adobe" + bytes((0, 100, 0, 0, 0, 0, 0)))
    b.file("in.jpg", files.jpeg([[(255, 0, 0, 255)] * 3] * 3, adobe))  # as Adobe does: 255 is no ink
    _, _, samples, rows = look(b, "in.jpg")
    assert is_near(rows[12][12 * samples:12 * samples + 3], (255, 0, 0), 12), rows[12][36:39]


def test_picture_formats(b):
    colors = b"".join(bytes(color(x, 0)) for x in range(16))
    for name, data, wanted in (
            ("rgb16.png", files.png(16, 12, files.RGB, 16, lambda x, y: [s * 257 for s in color(x, y)]), color),
            ("rgb.png", files.png(16, 12, files.RGB, 8, color), color),
            ("palette.png", files.png(16, 12, files.PALETTE, 8, lambda x, y: (x,), files.chunk(b"PLTE", colors)),
             lambda x, y: color(x, 0)),
            ("grey.png", files.png(16, 12, files.GREY, 8, lambda x, y: (x * 9,)), lambda x, y: (x * 9,) * 3),
            ("grey16.png", files.png(16, 12, files.GREY, 16, lambda x, y: (x * 9 * 257,)), lambda x, y: (x * 9,) * 3),
            ("in.pgm", files.pgm(16, 12, lambda x, y: x * 9), lambda x, y: (x * 9,) * 3),
            ("in.bmp", files.bmp(16, 12, color), color), ("in.tga", files.tga(16, 12, color), color)):
        b.file(name, data)
        width, height, samples, rows = look(b, name)
        assert (width, height, samples) == (16, 12, 3), name
        assert all(is_near(rows[6][3 * x:3 * x + 3], wanted(x, 6), 3) for x in range(2, 14)), (name, rows[6])


def test_alpha(b):
    opaque = lambda x, y: 0 if x < 8 else 255
    for name, data in (
            ("rgba.png", files.png(16, 12, files.RGBA, 8, lambda x, y: (*color(x, y), opaque(x, y)))),
            ("grey.png", files.png(16, 12, files.GREY_ALPHA, 8, lambda x, y: (35, opaque(x, y)))),
            ("rgba16.png", files.png(16, 12, files.RGBA, 16, lambda x, y: (9000, 9, 9, opaque(x, y) * 257))),
            ("grey16.png", files.png(16, 12, files.GREY_ALPHA, 16, lambda x, y: (9000, opaque(x, y) * 257)))):
        b.file(name, data)
        _, _, samples, rows = look(b, name)
        assert samples == 4 and rows[6][4 * 2 + 3] < 10 and rows[6][4 * 13 + 3] > 245, (name, rows[6])
        b.works("animate", name, "--depth", "flat.pgm", "--frames", "f", "-o", "o.gif", *SMALL)
        assert files.read_png(b.path("f/frame_00001.png"))[2] == 4


def test_odd_sizes(b):
    for width, height in ((1, 1), (2, 1), (1, 300), (300, 1), (3, 5), (1, 5000)):
        b.file("in.ppm", files.ppm(width, height, color))
        assert look(b, "in.ppm")[:2] == (width, height)
        for name in ("o.mp4", "o.webm", "o.avi", "o.gif"):
            b.works("animate", "in.ppm", "--depth", "flat.pgm", "-o", name, "--duration", "0.08", "--focal", "60")
            stream, _ = probe(b, name)
            assert stream["nb_read_frames"] == "2", (width, height, name, stream)


def test_hundred_megapixels(b):
    if os.environ.get("KB3D_TEST_SANITIZED") or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < 6e9:
        raise Skip("takes 2 GB of memory and several seconds")
    b.file("in.pgm", b"P5\n10000 10000\n255\n")
    os.truncate(b.path("in.pgm"), os.path.getsize(b.path("in.pgm")) + 10 ** 8)
    assert look(b, "in.pgm", "--size", "160x120")[:2] == (160, 120)


def test_odd_depths(b):
    picture(b)
    nan, inf = float("nan"), float("inf")
    odd = (nan, inf, 0.0, -1.0, -inf, 1e30, 1e-30, 0.5)
    for name, data in (
            ("odd.pfm", files.pfm(48, 36, lambda x, y: odd[(x * 7 + y * 3) % 8])),
            ("dark.pgm", files.pgm(48, 36, lambda x, y: x == y == 9)), ("one.pgm", files.pgm(1, 1, lambda x, y: 9)),
            ("large.pgm", files.pgm(131, 77, lambda x, y: x)), ("tall.pgm", files.pgm(3, 90, lambda x, y: y))):
        b.file(name, data)
        for kind in ("inverse", "z"):
            b.works("view", "in.ppm", "--depth", name, "--depth-kind", kind, "-o", "o.png", "--focal", "60",
                    "--translate", "0.1,0,0.1", "-q")
            b.works("animate", "in.ppm", "--depth", name, "--depth-kind", kind, "-o", "o.avi", *SMALL, "-q")


def test_depth_without_a_known_value(b):
    picture(b)
    for name, value, kinds in (("nan", float("nan"), ("inverse", "z")), ("negative", -2, ("inverse", "z")),
                               ("zero", 0, ("z",))):
        b.file(name + ".pfm", files.pfm(48, 36, lambda x, y: value))
        for kind in kinds:
            b.fails("view", "in.ppm", "--depth", name + ".pfm", "--depth-kind", kind, "-o", "o.png",
                    names=name + ".pfm")
    b.works("view", "in.ppm", "--depth", "zero.pfm", "-o", "o.png", "--focal", "60")  # all of it infinitely far


def test_black_picture(b):
    b.file("black.ppm", files.ppm(40, 30, lambda x, y: (0, 0, 0)))
    _, _, _, rows = look(b, "black.ppm", "--translate", "0.3,0.1,0")
    assert max(max(row) for row in rows) == 0
    b.works("animate", "black.ppm", "--depth", flat(b), "-o", "o.gif", *SMALL)


def test_batch(b):
    picture(b, "in/b.ppm")
    picture(b, "in/a.ppm")
    b.file("in/notes.txt", b"no picture")
    picture(b, "other/a.ppm")
    run = b.run("animate", "in", "other/a.ppm", "-o", "out/", "--model", "depth=missing.pt")
    assert run.status == 1 and "missing.pt" in run.err and "out" not in b.list()
    run = b.run("animate", "in", "other/a.ppm", "-o", "out/")
    assert run.status == 1 and len(run.err.splitlines()) == 3 and "out" not in b.list(), run.err


def test_output_takes_the_place_of_a_file(b):
    picture(b)
    b.file("o.png", b"old")
    os.symlink("o.png", b.path("link.png"))
    b.works("view", "in.ppm", "--depth", flat(b), "-o", "link.png", "--focal", "60")
    assert os.path.islink(b.path("link.png")) and files.read_png(b.path("o.png"))[0] == 48
    assert os.stat(b.path("o.png")).st_mode & 0o777 == 0o666 & ~current_umask()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_progress_on_a_terminal_only(b):
    picture(b, width=200, height=150)
    master, slave = pty.openpty()
    process = subprocess.Popen([b.command, "animate", "in.ppm", "--depth", depth(b), "-o", "o.mp4"], cwd=b.folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    seen = b""
    while select.select([master], [], [], 60)[0]:
        try:
            seen += os.read(master, 65536)
        except OSError:  # the other end is closed
            break
    os.close(master)
    assert process.wait() == 0 and b"render" in seen and b"%" in seen, seen[-300:]
    process.stdout.close()
