"""Pictures in, frames out: every kind of array, without copies where the layout allows."""
import io
import pathlib

import numpy as np
import pytest
from PIL import Image

import kb3d
from kb3d import _pixels


def frame(picture, depth, context, **options):
    return kb3d.Path.auto(kb3d.Scene(picture, depth=depth, context=context, **options)).render(0.5)


def test_arrays_of_every_kind_give_the_same_frame(picture, depth, context):
    want = frame(picture, depth, context)
    padded = np.zeros((60, 100, 3), np.uint8)
    padded[:, 5:95] = picture
    turned = np.ascontiguousarray(picture[::-1])
    for same in (padded[:, 5:95], turned[::-1], np.asfortranarray(picture), 
                 kb3d.Pixels(picture[:, :, ::-1].copy(), bgr=True), kb3d.Pixels(picture[:, :, ::-1], bgr=True),
                 np.dstack([picture, np.full((60, 90), 255, np.uint8)]), Image.fromarray(picture)):
        assert np.array_equal(frame(same, depth, context), want)


def test_strided_views_are_not_copied(picture):
    padded = np.zeros((60, 100, 3), np.uint8)
    for view in (padded[:, 5:95], padded[::-1], padded[::2], picture):
        keep = []
        image = _pixels.input_image(view, keep)
        assert int(_pixels.ffi.cast("size_t", image.data[0])) == view.__array_interface__["data"][0]
        assert image.stride[0] == view.strides[0]


def test_wide_samples(picture, depth, context):
    wide = picture.astype(np.uint16) * 257
    assert np.abs(frame(wide, depth, context).astype(int) - frame(picture, depth, context)).max() <= 1
    swapped = wide.astype(">u2")
    assert np.array_equal(frame(swapped, depth, context), frame(wide, depth, context))
    real = picture.astype(np.float64) / 255
    # Floats may be brighter than white, so what overshoots at silhouettes is not held back.
    off = np.abs(frame(real, depth, context).astype(int) - frame(picture, depth, context))
    assert off.max() <= 12 and (off > 1).mean() < 0.01
    kb3d.Scene(kb3d.Pixels(real ** 2.2, linear=True), depth=depth, context=context)
    kb3d.Scene(picture[:, :, 0], depth=depth > 0.5, context=context)


def test_files_paths_and_bytes(picture, depth, context, tmp_path):
    name = tmp_path / "gr\u00fcn.png"
    Image.fromarray(picture).save(name)
    want = frame(picture, depth, context)
    for same in (str(name), name, pathlib.PurePosixPath(name), name.read_bytes(), bytearray(name.read_bytes()),
                 memoryview(name.read_bytes())):
        assert np.array_equal(frame(same, depth, context), want)


def test_pillow_is_turned_as_its_file_would_be(picture, depth, context):
    memory = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray(picture[::-1, ::-1]).save(memory, "PNG", exif=exif)
    assert np.array_equal(frame(Image.open(memory), depth, context), frame(picture, depth, context))
    for mode in ("1", "L", "P", "LA", "CMYK", "I;16", "F"):
        image = Image.fromarray(picture).convert("L" if mode in ("I;16", "F") else mode)
        assert kb3d.Scene(image.convert(mode) if mode == "F" else image, depth=depth, context=context).size == (90, 60)


def test_pictures_that_are_none(depth, context):
    for bad in (np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4), np.int64), np.zeros(4, np.uint8), np.zeros((0, 4), np.uint8),
                np.zeros((4, 4, 3), np.complex64), kb3d.Pixels(np.zeros((4, 4, 3), np.uint16), bgr=True)):
        with pytest.raises(ValueError):
            kb3d.Scene(bad, depth=depth, context=context)


def test_frames_go_into_the_callers_array(scene):
    path = kb3d.Path.auto(scene)
    want = path.render(0.5, (48, 32))
    whole = np.full((40, 60, 3), 7, np.uint8)
    part = whole[4:36, 6:54][::-1]
    got = path.render(0.5, out=part)
    assert got is part and np.array_equal(part, want)
    whole[4:36, 6:54] = 7
    assert (whole == 7).all()  # nothing beside it was touched


def test_formats(scene):
    path = kb3d.Path.auto(scene)
    rgb = path.render(0.5, (48, 32))
    assert np.array_equal(path.render(0.5, (48, 32), format="bgr8"), rgb[:, :, ::-1])
    assert np.array_equal(path.render(0.5, (48, 32), format="rgba8")[:, :, :3], rgb)
    assert path.render(0.5, out=np.empty((32, 48, 4), np.float32)).max() <= 1.01
    assert np.abs(path.render(0.5, (48, 32), format="rgb16") / 257 - rgb).max() <= 1
    assert path.render(0.5, (48, 32), format="i420").shape == (48 * 32 * 3 // 2,)
    assert path.render(0.5, (47, 31), format="nv12").shape == (47 * 31 + 2 * 24 * 16,)
    with pytest.raises(ValueError, match="none of"):
        path.render(0.5, format="rgb9")


def test_targets_of_any_strides(scene):
    """What cannot be written to as it lies gets a copy: channels first as torch has them, columns apart, other bytes."""
    path = kb3d.Path.auto(scene)
    want = path.render(0.5, (48, 32))
    for out in (np.zeros((3, 32, 48), np.uint8).transpose(1, 2, 0), np.zeros((32, 96, 3), np.uint8)[:, ::2],
                np.zeros((32, 48, 6), np.uint8)[:, ::-1, 5::-2]):
        assert path.render(0.5, out=out) is out and np.array_equal(out, want)
    swapped = np.zeros((32, 48, 3), ">u2")
    path.render(0.5, out=swapped)
    assert np.array_equal(swapped, path.render(0.5, (48, 32), format="rgb16"))
    near = np.zeros((48, 32), np.float32).T
    assert np.array_equal(path.render_layers(0.5, color=False, depth=near, painted=False, size=(48, 32)).depth,
                          path.render_layers(0.5, (48, 32)).depth)
    assert np.array_equal(scene.depth(out=np.zeros((90, 60), np.float32).T), scene.depth())


def test_rows_that_lie_on_each_other(picture, depth, context):
    """No memory beside them is read."""
    rows = np.broadcast_to(picture[:1], picture.shape)
    assert np.array_equal(frame(rows, depth, context), frame(rows.copy(), depth, context))
    overlapping = np.lib.stride_tricks.as_strided(picture, (40, 90, 3), (90, 3, 1))
    kb3d.Scene(overlapping, depth=np.broadcast_to(np.float32(0.5), (40, 90)), context=context)


def test_targets_that_cannot_be(scene):
    path = kb3d.Path.auto(scene)
    frozen = np.zeros((32, 48, 3), np.uint8)
    frozen.flags.writeable = False
    for bad, why in ((frozen, "written"), (np.broadcast_to(frozen[:1], frozen.shape), "written"),
                     (np.zeros((32, 48, 3), np.int32), "int32"), (np.zeros((31, 48, 3), np.uint8), "31x48x3"),
                     (np.zeros((3, 32, 48), np.uint8), "3x32x48"), (np.zeros((32, 48, 3), object), "object")):
        with pytest.raises(ValueError, match=why):
            path.render(0.5, (48, 32), out=bad)
    for empty in (np.zeros((0, 48, 3), np.uint8), np.zeros((32, 0, 3), np.uint8)):
        with pytest.raises(kb3d.ArgumentError):
            path.render(0.5, out=empty)


def test_layers(scene):
    path = kb3d.Path.auto(scene)
    path.prepare((48, 32))
    frame = path.render_layers(0, (48, 32))
    assert frame.color.shape == (32, 48, 3) and frame.depth.shape == frame.painted.shape == (32, 48)
    assert abs(frame.depth.max() - 0.8) < 0.1 and set(np.unique(frame.painted)) <= {0, 255}
    mine = np.empty((32, 48), np.float32)
    assert path.render_layers(0, (48, 32), color=False, depth=mine, painted=False).depth is mine
    assert np.array_equal(mine, frame.depth)
