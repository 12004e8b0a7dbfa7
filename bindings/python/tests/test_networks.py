"""Networks that Python runs, and where the library's own run."""
import importlib.util

import numpy as np
import pytest

import kb3d

MANIFEST = {"kb3d_manifest": 1, "role": "depth", "name": "lower is nearer", "version": "1",
            "input": {"size": {"long_side": 96, "multiple": 16}}, "output": "affine_inverse_depth"}


def lower_is_nearer(picture):
    _, _, height, width = picture.shape
    return np.broadcast_to(np.linspace(0, 1, height, dtype=np.float64)[None, None, :, None], (1, 1, height, width))


def test_a_function(picture):
    context = kb3d.Context(model_path=[])
    context.add_model("depth", lower_is_nearer, MANIFEST)
    scene = kb3d.Scene(picture, context=context)
    info = scene.model("depth")
    assert (info.name, info.runtime, info.run_count) == ("lower is nearer", "host", 1)
    depth = scene.depth()
    assert depth[-5:].mean() > 4 * depth[:5].mean()


def test_functions_outlive_their_context(picture, depth):
    context = kb3d.Context(model_path=[])
    seen = []

    def paint(colors, known):
        seen.append(known.shape)
        return colors

    context.add_model("inpaint", paint)
    scene = kb3d.Scene(picture, depth=depth, context=context)
    camera = scene.camera
    moved = kb3d.Camera(camera.focal_px, camera.principal_x, camera.principal_y, 90, 60, translation=(-0.4, 0, 0))
    path = kb3d.Path.along(scene, [camera, moved])  # far enough for holes
    del context, scene
    path.prepare((96, 64), "network")
    assert seen and seen[0][:2] == (1, 1)


def test_what_goes_wrong_in_a_function(picture):
    def fails(picture):
        raise RuntimeError("out of ideas")

    for function, why, cause in ((fails, "out of ideas", RuntimeError),
                                 (lambda picture: [], "1 answers are needed", ValueError),
                                 (lambda picture: np.zeros((1, 1, 2, 2, 2)), "1x1x2x2x2", ValueError),
                                 (lambda picture: "text", None, Exception)):
        context = kb3d.Context(model_path=[])
        context.add_model("depth", function)
        with pytest.raises(kb3d.ModelError, match=why) as caught:
            kb3d.Scene(picture, context=context)
        assert isinstance(caught.value.__cause__, cause)


def test_wrong_models(tmp_path):
    context = kb3d.Context(model_path=[])
    with pytest.raises(kb3d.FileError):
        context.add_model("depth", tmp_path / "nowhere.pt")
    with pytest.raises(kb3d.FormatError):
        context.add_model("depth", lower_is_nearer, "{")
    with pytest.raises(ValueError, match="role 'depths' is none of"):
        context.add_model("depths", lower_is_nearer)
    context.add_model("depth", lower_is_nearer)
    with pytest.raises(kb3d.ModelError):
        context.add_model("depth", lower_is_nearer)
    with pytest.raises(ValueError, match="networks"):
        kb3d.Context(networks="cloud")


def test_the_shipped_network_is_in_the_wheel():
    info = kb3d.Context(model_path=None, networks="worker").model("depth")
    assert "native/share/kb3d/depth.pt" in info.path and info.licence


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="there is a torch")
def test_without_any_torch(picture, monkeypatch):
    monkeypatch.delenv("KB3D_PLUGIN_PATH", raising=False)
    with pytest.raises(kb3d.ModelError, match="No module named 'torch'"):
        kb3d.Scene(picture, context=kb3d.Context())
