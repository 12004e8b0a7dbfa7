"""Videos are what the command writes: the same streams, the same settings of the encoder, the same pictures."""
import os
import re
import subprocess

import av
import numpy as np
import pytest

import kb3d

COMMAND = os.environ.get("KB3D_TEST_COMMAND")


def described(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        c = stream.codec_context
        packets = [(p.pts * p.time_base, p.is_keyframe) for p in container.demux(stream) if p.pts is not None]
        container.seek(0)
        frames = [f.to_ndarray(format="yuv420p") for f in container.decode(stream)]
        return {"codec": c.name, "profile": c.profile, "size": (c.width, c.height), "format": c.pix_fmt, "tag": c.codec_tag,
                "colors": (c.color_range, c.color_primaries, c.color_trc, c.colorspace), "rate": stream.average_rate,
                "packets": sorted(packets)}, np.stack(frames).astype(int)


def settings(path):
    """x264 writes its own into the file."""
    found = re.search(rb"x264 - core .*? options: ([ -~]*)", path.read_bytes(), re.DOTALL)
    return {word for word in (found.group(1).decode().split() if found else [])
            if not re.match("(lookahead_)?threads=", word)}


@pytest.mark.skipif(not COMMAND, reason="no kb3d command was built")
@pytest.mark.parametrize("extension", [".mp4", ".webm", ".avi", ".gif"])
def test_videos(extension, tmp_path, picture, depth):
    (tmp_path / "p.ppm").write_bytes(b"P6\n90 60\n255\n" + picture.tobytes())
    (tmp_path / "d.pfm").write_bytes(b"Pf\n90 60\n-1\n" + depth[::-1].tobytes())
    theirs, ours = tmp_path / ("theirs" + extension), tmp_path / ("ours" + extension)
    subprocess.run([COMMAND, "animate", tmp_path / "p.ppm", "--depth", tmp_path / "d.pfm", "-o", theirs, "--duration", "2.5",
                    "--fps", "29.97", "--size", "96x64", "--motion", "circle", "--ease", "linear", "--quiet"], check=True)
    kb3d.animate(tmp_path / "p.ppm", ours, "circle", depth=tmp_path / "d.pfm", duration=2.5, fps=29.97, size=(96, 64),
                 context=kb3d.Context(model_path=[]))
    (streams, pictures), (want, wanted) = described(ours), described(theirs)
    assert streams == want
    assert settings(ours) == settings(theirs) and bool(settings(ours)) == (extension == ".mp4")
    most = 0 if extension == ".gif" else 2  # of another release of libvpx
    assert pictures.shape == wanted.shape and np.abs(pictures - wanted).mean() <= most
