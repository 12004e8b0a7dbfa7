"""Stages of the depth, looking at them, leaving them out, and masks of one's own."""
import files
from good import SMALL, color, depth, flat, picture


def ramp(b):
    """The depth goes from far on the left to near on the right."""
    return b.file("ramp.pfm", files.pfm(64, 16, lambda x, y: 0.1 + x / 64))


def is_far(pixel):
    red, green, blue = pixel
    return blue > red and blue > 2 * green and max(pixel) < 128


def is_near_colour(pixel):
    red, green, blue = pixel
    return red > 220 and green > 200 and blue < 180


def lightness(pixel):
    red, green, blue = ((value / 255) ** 2.2 for value in pixel)
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) ** (1 / 3)


def test_false_colours(b):
    picture(b, width=64, height=16)
    b.works("depth", "in.ppm", "--depth", ramp(b), "--view", "-o", "o.png", "--focal", "60")
    width, height, samples, rows = files.read_png(b.path("o.png"))
    assert (width, height, samples) == (64, 16, 3)
    pixels = [rows[8][3 * x:3 * x + 3] for x in range(64)]
    assert is_far(pixels[0]) and is_near_colour(pixels[63]), (pixels[0], pixels[63])
    steps = [lightness(b) - lightness(a) for a, b in zip(pixels, pixels[1:])]
    assert all(0.003 < step < 0.03 for step in steps[1:-1]), steps  # every one is seen, none jumps


def test_false_colours_of_odd_maps(b):
    picture(b, width=64, height=16)
    b.works("depth", "in.ppm", "--depth", flat(b), "--view", "-o", "o.png", "--focal", "60")
    assert is_near_colour(files.read_png(b.path("o.png"))[3][8][:3]), "a flat map is all near"
    # a few values far from all others do not take the range
    b.file("odd.pfm", files.pfm(64, 16, lambda x, y: 1e9 if x == y == 3 else 0.1 + x / 64))
    b.works("depth", "in.ppm", "--depth", "odd.pfm", "--view", "-o", "o.png", "--focal", "60")
    row = files.read_png(b.path("o.png"))[3][8]
    assert is_far(row[:3]) and is_near_colour(row[-3:]), row
    b.file("one.ppm", files.ppm(1, 1, color))
    b.works("depth", "one.ppm", "--depth", "flat.pgm", "--view", "-o", "o.png", "--focal", "60")


def test_stages(b):
    picture(b, width=64, height=16)
    b.file("small.pfm", files.pfm(32, 8, lambda x, y: 1.0 if x > 15 else 0.25))
    for stage, size in (("estimate", (32, 8)), ("adjust", (32, 8)), ("refine", (64, 16))):
        b.works("depth", "in.ppm", "--depth", "small.pfm", "--stage", stage, "-o", "o.pfm", "--focal", "60")
        assert files.read_pfm(b.path("o.pfm"))[:2] == size, stage
        b.works("depth", "in.ppm", "--depth", "small.pfm", "--stage", stage, "--view", "-o", "o.png", "--focal", "60")
        assert files.read_png(b.path("o.png"))[:3] == (*size, 3), stage
    for stages in ("adjust", "refine", "adjust,refine", "refine,adjust"):
        b.works("depth", "in.ppm", "--depth", "small.pfm", "--skip", stages, "-o", "o.pfm", "--focal", "60")
        assert files.read_pfm(b.path("o.pfm"))[:2] == (64, 16), stages


def test_skipped_refinement_is_smooth(b):
    """The map's edge, half a pixel off the picture's, follows the picture only where it is refined."""
    b.file("in.ppm", files.ppm(64, 16, lambda x, y: (230,) * 3 if x >= 34 else (20,) * 3))
    b.file("small.pfm", files.pfm(16, 4, lambda x, y: 1.0 if x >= 8 else 0.25))
    between = {}
    for name, words in (("refined", []), ("plain", ["--skip", "refine"])):
        b.works("depth", "in.ppm", "--depth", "small.pfm", *words, "-o", "o.pfm", "--focal", "60")
        between[name] = sum(0.3 < value < 0.95 for value in files.read_pfm(b.path("o.pfm"))[2][8])
    assert between["plain"] > between["refined"], between


def test_sky_mask(b):
    """The upper third comes nearer than what is below it, as networks often have it."""
    picture(b)
    b.file("sky.pgm", files.pgm(12, 9, lambda x, y: 255 if y < 3 else 0))
    b.file("level.pfm", files.pfm(48, 36, lambda x, y: 1.2 if y < 12 else 0.5 if y < 21 else 1.5))
    words = ["depth", "in.ppm", "--depth", "level.pfm", "--mask", "sky=sky.pgm", "-o", "o.pfm", "--focal", "60"]
    b.works(*words)
    rows = files.read_pfm(b.path("o.pfm"))[2]
    assert max(rows[4]) <= min(rows[18]) <= max(rows[18]) < min(rows[30]), "the sky is the farthest"
    for more in (["--stage", "estimate"], ["--skip", "adjust"]):
        b.works(*words, *more)
        assert abs(files.read_pfm(b.path("o.pfm"))[2][4][20] - 1.2) < 1e-5, more


def test_mask_keeps_a_thing_whole(b):
    """A thing whose depth map has a deep gash: the mask's thing has none."""
    picture(b)
    b.file("thing.pgm", files.pgm(48, 36, lambda x, y: 255 if 16 <= x < 32 and 8 <= y < 30 else 0))
    b.file("torn.pfm", files.pfm(48, 36, lambda x, y: (0.2 if 22 <= x < 25 else 1.0)
                                 if 16 <= x < 32 and 8 <= y < 30 else 0.2))
    for kind in ("other", "person", "animal", "vehicle"):
        b.works("depth", "in.ppm", "--depth", "torn.pfm", "--mask", kind + "=thing.pgm", "-o", "o.pfm", "--focal", "60")
        rows = files.read_pfm(b.path("o.pfm"))[2]
        assert min(rows[18][18:30]) > 0.6, (kind, rows[18])
        assert max(rows[18][:14] + rows[18][34:]) < 0.3, (kind, rows[18])


def test_many_masks(b):
    picture(b)
    b.file("m.pgm", files.pgm(8, 6, lambda x, y: 255 if x < 2 and y < 2 else 0))
    b.works("animate", "in.ppm", "--depth", depth(b), "-o", "o.avi", *SMALL, *["--mask", "other=m.pgm"] * 256)
    b.fails("animate", "in.ppm", "--depth", "depth.pgm", "-o", "out.avi", *["--mask", "other=m.pgm"] * 257, status=2)


def test_odd_masks(b):
    picture(b)
    for name, data in (("none.pgm", files.pgm(12, 9, lambda x, y: 0)), ("all.pgm", files.pgm(12, 9, lambda x, y: 255)),
                       ("one.pgm", files.pgm(1, 1, lambda x, y: 255)), ("large.pgm", files.pgm(96, 72, lambda x, y: x))):
        b.file(name, data)
        for kind in ("sky", "person"):
            b.works("depth", "in.ppm", "--depth", depth(b), "--mask", kind + "=" + name, "-o", "o.pfm", "--focal", "60")
            assert files.read_pfm(b.path("o.pfm"))[:2] == (48, 36)


def test_bad_masks(b):
    picture(b)
    b.file("text.png", b"once upon a time\n")
    b.file("cut.pgm", b"P5\n9 9\n255\nshort")
    b.file("vast.pgm", b"P5\n65535 65535\n255\n" + bytes(99))
    for name in ("missing.png", "text.png", "cut.pgm", "vast.pgm"):
        b.fails("depth", "in.ppm", "--depth", depth(b), "--mask", "person=" + name, "-o", "o.png", names=name)
    b.file("wide.pgm", files.pgm(99, 9, lambda x, y: 255))  # another shape than the picture's
    run = b.fails("depth", "in.ppm", "--depth", "depth.pgm", "--mask", "sky=wide.pgm", "-o", "o.png", names="99")
    assert "shape" in run.err, run.err
    same = b.file("same.png", files.png(20, 20, files.GREY, 8, lambda x, y: (255,)))
    b.fails("depth", "in.ppm", "--depth", "depth.pgm", "--mask", "sky=" + same, "-o", "same.png", names="same.png")
