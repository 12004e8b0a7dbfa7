"""What a script can ask of the plug-in: flights, kinds of pictures, results, and wrong values."""
import os
import subprocess

import gimp
import pixels
from gimp import Flight, say, text

U8, U16, FLOAT_LINEAR = 150, 250, 600
RGB, GRAY = 0, 1
NAMES = ["Frame %d (100ms)" % i for i in (1, 2, 3)]


def begin(name):
    return say(text("begin " + name))


class Layers:
    """Frames as layers: as the command's of the same flight, which has these words, up to a difference."""

    def __init__(self, bench, name, flight, before="", precision=U8, kind=RGB, names=NAMES, compared=(1, 2, 3),
                 most=0, mean=0, mode=1, after="", **command):
        self.bench, self.name, self.command, self.compared = bench, name, command, compared
        self.most, self.mean = most, mean
        self.expected = ["%d %d" % (precision, kind)] + names
        self.folder = bench.make_folder("got " + name)
        self.script = gimp.on_picture(bench.photo, bench.depth, "%s %s (let ((new %s)) %s %s)" % (
            before, begin(name), flight.call(mode), gimp.save(self.folder, compared), after))

    def check(self, lines):
        assert lines == self.expected, lines
        wanted = self.bench.path("wanted " + self.name)
        self.bench.animate(frames=wanted, **self.command)
        for i in self.compared:
            got = pixels.read_ppm(os.path.join(self.folder, "%d.ppm" % i))
            most, mean = pixels.compare(got, pixels.read_frame(os.path.join(wanted, "frame_%05d.png" % i)))
            assert most <= self.most and mean <= self.mean, "frame %d: by %g, on average %g" % (i, most, mean)


def read_packets(file):
    """What a file has in its streams; the file of a .webm has a random number, too."""
    return subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-c", "copy", "-f", "framemd5", "-"],
                          stdout=subprocess.PIPE, check=True).stdout


def read_whole(file):
    with open(file, "rb") as data:
        return data.read()


class Video:
    """A file that is what the command writes, to the byte unless it is read otherwise."""

    def __init__(self, bench, name, read=read_whole):
        self.bench, self.name, self.read = bench, name, read
        self.script = gimp.on_picture(bench.photo, bench.depth, "%s %s" % (begin(name), say(
            "(number->string %s)" % Flight(file=bench.path("got " + name)).call())))

    def check(self, lines):
        assert lines == ["-1"], lines
        wanted = self.bench.path("wanted " + self.name)
        self.bench.animate(output=wanted)
        got = self.bench.path("got " + self.name)
        assert self.read(got) == self.read(wanted), "not what the command writes"


class WideVideo:
    """A picture of one colour in a wide space: its video shows that colour in sRGB."""
    STORED = (120, 160, 110)

    def __init__(self, bench, name):
        self.name, self.file = name, bench.path("wide.mp4")
        flat = pixels.write(bench.path("flat.ppm"), b"P6\n%d %d\n255\n" % (bench.width, bench.height) +
                            bytes(self.STORED) * (bench.width * bench.height))
        self.script = gimp.on_picture(flat, bench.depth, "%s %s %s" % (set_profile(), begin(name), say(
            "(number->string %s)" % Flight(file=self.file).call())))

    def check(self, lines):
        assert lines == ["-1"], lines
        frame = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", self.file, "-frames:v", "1", "-vf", "scale=in_color_matrix=bt709", "-f",
             "rawvideo", "-pix_fmt", "rgb24", "-"], stdout=subprocess.PIPE, check=True).stdout
        middle = frame[3 * (64 * 192 + 96):][:3]
        wanted = pixels.srgb_from_wide(self.STORED)
        assert max(abs(a - b) for a, b in zip(wanted, self.STORED)) > 15, wanted
        assert max(abs(a - b) for a, b in zip(wanted, middle)) <= 3, (wanted, tuple(middle))


class Error:
    """Wrong values: one sentence with these words, and nothing that stays."""

    def __init__(self, bench, name, says, before="", **values):
        self.bench, self.name, self.says = bench, name, says
        self.script = gimp.on_picture(bench.photo, bench.depth, "%s %s %s" % (
            before, begin(name), say("(number->string %s)" % Flight(**values).call())))
        self.files = sorted(os.listdir(bench.folder))

    def check(self, lines):
        assert len(lines) == 1 and self.says in lines[0], lines
        left = [file for file in os.listdir(self.bench.folder) if file.startswith(".kb3d") or file == "no"]
        assert not left, left


def profile_bytes():
    data = pixels.wide_profile()
    return "#(%s)" % " ".join(map(str, data))


def set_profile():
    return "(gimp-image-set-color-profile image %d %s)" % (len(pixels.wide_profile()), profile_bytes())


def select(x, y, width, height):
    return "(gimp-image-select-rectangle image CHANNEL-OP-REPLACE %d %d %d %d)" % (x, y, width, height)


def mask(bench, x, y, width, height):
    """The same as a file."""
    return pixels.write(bench.path("mask.pgm"), b"P5\n%d %d\n255\n" % (bench.width, bench.height) + bytes(
        255 * (x <= i < x + width and y <= j < y + height)
        for j in range(bench.height) for i in range(bench.width)))


def list_cases(bench):
    w, h = bench.width, bench.height
    window = "%g,%g,%g,%g" % (100, 90, w / 2.5, h / 2.5)
    box = (100, 60, 90, 120)
    deep, grey, few = bench.path("deep.png"), bench.path("grey.pgm"), bench.path("few.png")
    elsewhere = "(define other (car (gimp-file-load 1 %s \"\")))" % text(bench.depth)
    layer = elsewhere + "(set! depth (car (gimp-image-get-active-layer other)))"
    channel = elsewhere + ("(set! depth (car (gimp-channel-new-from-component other CHANNEL-GRAY \"depth\")))"
                           " (gimp-image-insert-channel other depth 0 0)")
    moved = "(gimp-layer-resize depth %d %d 7 5) (gimp-image-resize image %d %d 9 4)" % (
        w + 20, h + 10, w + 40, h + 30)
    cases = [
        Layers(bench, "automatic", Flight()),
        Layers(bench, "variant", Flight(seed=3, shift=0.2, zoom=1.4),
               words=("--seed", "3", "--shift", "0.2", "--zoom", "1.4")),
        Layers(bench, "no travel", Flight(shift=0), words=("--shift", "0")),
        Layers(bench, "window", Flight(motion=1, zoom=2.5, x=100, y=90, ease=1),
               words=("--to", window, "--ease", "linear")),
        Layers(bench, "window at the border", Flight(motion=1, zoom=2, x=0, y=h - 1, reverse=1),
               words=("--to", "%g,%g,%g,%g" % (w / 4, h * 3 / 4, w / 2, h / 2), "--range", "1,0")),
        Layers(bench, "dolly", Flight(motion=2, x=120, y=130, loop=1),
               words=("--motion", "dolly", "--focus", "120,130", "--loop", "bounce")),
        Layers(bench, "circle", Flight(motion=3, zoom=1.5, ease=1),
               words=("--motion", "circle", "--zoom", "1.5", "--ease", "linear")),
        Layers(bench, "far is light", Flight(depth_kind=1), words=("--depth-kind", "z")),
        Layers(bench, "depth elsewhere", Flight(), before=moved),
        Layers(bench, "thing", Flight(selection=1), before=select(*box),
               words=("--mask", "other=" + mask(bench, *box))),
        Layers(bench, "sky", Flight(selection=2), before=select(*box), words=("--mask", "sky=" + mask(bench, *box))),
        Layers(bench, "selection unused", Flight(), before=select(*box)),
        Layers(bench, "16 bit", Flight(), precision=U16, photo=deep, most=1,
               before="(gimp-image-convert-precision image PRECISION-U16-GAMMA)"
                      " (file-png-save 1 image picture %s \"\" 0 1 0 0 0 0 0)" % text(deep)),
        # Mixed pixels are split, and what is painted in is searched for, by colours as they are: here by light, there
        # encoded. Leaves are full of mixed pixels; and the automatic flight looks at what stays open.
        Layers(bench, "float", Flight(motion=3, zoom=1.5, ease=1), precision=FLOAT_LINEAR, photo=deep, most=255, mean=0.6,
               words=("--motion", "circle", "--zoom", "1.5", "--ease", "linear"),
               before="(gimp-image-convert-precision image PRECISION-FLOAT-LINEAR)" + layer),
        Layers(bench, "grey", Flight(), kind=GRAY, photo=grey, most=0,
               before="(gimp-image-convert-grayscale image)"
                      " (file-pnm-save 1 image picture %s \"\" 1)" % text(grey)),
        Layers(bench, "indexed", Flight(), photo=few, most=0,
               before="(gimp-image-convert-indexed image CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 8"
                      " FALSE FALSE \"\")"
                      " (file-png-save 1 image picture %s \"\" 0 1 0 0 0 0 0)" % text(few) + layer),
        Layers(bench, "channel of another image", Flight(), before=channel),
        Layers(bench, "alpha", Flight(), before="(gimp-layer-add-alpha picture)", most=1,
               names=[n + " (replace)" for n in NAMES]),
        Layers(bench, "wide", Flight(), before=set_profile(), names=NAMES + ["kept"], after=say(
            '(if (equal? (cadr (gimp-image-get-color-profile new)) %s) "kept" "lost")' % profile_bytes())),
        Video(bench, "x.mp4"),
        Video(bench, "x.gif"),
        Video(bench, "x.avi"),
        Video(bench, "x.webm", read_packets),
        WideVideo(bench, "wide video"),
        Error(bench, "motion", "motion: 7 is not from 0 to 3", motion=7),
        Error(bench, "zoom", "zoom: 0.5 is neither", zoom=0.5),
        Error(bench, "circle without room", "zoom: 1 leaves a circle no room", motion=3, zoom=1),
        Error(bench, "shift", "shift: 2 is not", shift=2),
        Error(bench, "point", "x, y: the point 4000, 1 lies outside", motion=1, x=4000, y=1),
        Error(bench, "duration", "duration: 0 is not", duration=0),
        Error(bench, "frame rate", "frame-rate: -1 is not", frame_rate=-1),
        Error(bench, "too many layers", "duration: 10000 frames are too many", duration=1000),
        Error(bench, "size", "width, height: 0 x 128 is not", width=0),
        Error(bench, "kind of video", "no.txt: no kind of video", file=bench.path("no.txt")),
        Error(bench, "folder", "no/no.mp4: cannot be written: No such file", file=bench.path("no", "no.mp4")),
        Error(bench, "no network", "photo.ppm: ", depth=-1),
        Error(bench, "no such depth", "depth", depth=12345),
        Error(bench, "too large", "photo.ppm: ", width=32768, height=32768, duration=0.1),
    ]
    return cases


def run(bench, host):
    cases = list_cases(bench)
    output = host.start([case.script for case in cases], "--no-interface").communicate(timeout=600)[0]
    return gimp.check(cases, output)
