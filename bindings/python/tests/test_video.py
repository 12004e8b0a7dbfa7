"""Videos as the command writes them, and what a notebook shows."""
import io
import os
import struct
import threading
import zlib

import av
import numpy as np
import pytest

import kb3d
from kb3d import _notebook


def decoded(file):
    with av.open(file) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return stream.codec_context.name, stream.average_rate, frames


@pytest.mark.parametrize("extension, codec", [(".mp4", "h264"), (".webm", "vp9"), (".avi", "mpeg4"), (".gif", "gif"),
                                              (".MP4", "h264")])
def test_files(scene, tmp_path, extension, codec):
    name = tmp_path / ("out" + extension)
    video = kb3d.animate(scene, name, duration=0.4, size=(96, 64), motion="circle")
    got, rate, frames = decoded(str(name))
    assert (got.replace("libvpx-", ""), rate, len(frames)) == (codec, 25, 10)
    path = kb3d.Path.circle(scene)
    want = list(path.frames(10, (96, 64)))
    difference = np.abs(np.stack(frames).astype(int) - np.stack(want)).mean()
    assert difference < 12, difference
    assert os.listdir(tmp_path) == [name.name] and video.path == name
    assert video._repr_html_().startswith("<img src=" if extension == ".gif" else "<video ")


def test_a_gif_of_odd_sides(scene, tmp_path):
    kb3d.animate(scene, tmp_path / "a.gif", duration=0.2, fps=20, size=(95, 63))
    assert decoded(str(tmp_path / "a.gif"))[2][0].shape == (63, 95, 3)


def test_a_picture_at_once(picture, depth, context, tmp_path):
    kb3d.animate(picture, tmp_path / "a.mp4", depth=depth, context=context, duration=0.2, fps=29.97, zoom=1.2)
    _, rate, frames = decoded(str(tmp_path / "a.mp4"))
    assert float(rate) == pytest.approx(30000 / 1001) and len(frames) == 6


def test_what_cannot_be_written(scene, tmp_path):
    for name, error, why in (("a.mov", kb3d.UnsupportedError, "ends in .mp4"), ("a", kb3d.UnsupportedError, "ends in"),
                             ("no/a.mp4", FileNotFoundError, None)):
        with pytest.raises(error, match=why):
            kb3d.animate(scene, tmp_path / name, duration=0.1)
    with pytest.raises(ValueError, match="even"):
        kb3d.animate(scene, tmp_path / "a.mp4", size=(95, 64))
    with pytest.raises(ValueError, match="frame rate"):
        kb3d.animate(scene, tmp_path / "a.mp4", fps=0)
    with pytest.raises(ValueError, match="seconds"):
        kb3d.animate(scene, tmp_path / "a.mp4", duration=0)
    (tmp_path / "a.mp4").write_text("old")
    event = threading.Event()

    def stop(stage, fraction):
        if stage == "frames" and fraction > 0.3:
            event.set()

    with pytest.raises(kb3d.CancelledError):
        kb3d.animate(scene, tmp_path / "a.mp4", duration=1, progress=stop, cancel=event)
    assert (tmp_path / "a.mp4").read_text() == "old" and os.listdir(tmp_path) == ["a.mp4"]


def test_in_memory(scene, capsys):
    video = kb3d.Path.auto(scene).video(duration=0.2, size=(96, 64), progress=True)
    assert "frames" in capsys.readouterr().err
    assert len(decoded(io.BytesIO(video.data))[2]) == 5
    assert "data:video/mp4;base64," in kb3d.Path.auto(scene)._repr_html_()


def pixels_of(png):
    at, data, size = 8, b"", None
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        assert zlib.crc32(name + body) == struct.unpack(">I", png[at + 8 + length:at + 12 + length])[0]
        size = struct.unpack(">II", body[:8]) if name == b"IHDR" else size
        data += body if name == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(size[1], 1 + 3 * size[0])
    return rows[:, 1:].reshape(size[1], size[0], 3)


def test_a_scene_shows_itself(scene, picture, depth):
    shown = pixels_of(scene._repr_png_())
    assert shown.shape == (60, 180, 3)
    assert np.abs(shown[:, :90].astype(int) - picture).mean() < 3
    grey = shown[:, 90:, 0]
    assert grey[30, 45] > 240 and grey[2, 2] < 15


def test_sliders_move_the_camera(scene):
    box = scene.explore((90, 60))
    view, right, down, forward = box.children
    before = view.value
    right.value = right.max
    assert view.value != before and pixels_of(view.value).shape == (60, 90, 3)
    right.value = 0
    assert view.value == before
    assert np.array_equal(pixels_of(before), _notebook._seen(scene, (90, 60)).color)
