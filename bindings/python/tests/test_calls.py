"""Scenes, paths, errors, progress, cancelling, threads."""
import _thread
import logging
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import kb3d


def test_versions():
    assert kb3d.__version__ and kb3d.API >= (0, 3)


def test_a_library_of_another_api_is_refused(tmp_path):
    source = tmp_path / "other.c"
    source.write_text("unsigned kb3d_api_version(void) { return 1u << 16; }")
    library = tmp_path / "libother.so"
    subprocess.run(["cc", "-shared", "-o", library, source], check=True)
    for path, why in ((library, "has API 1.0, and this package was made for"), (source, "cannot be opened")):
        run = subprocess.run([sys.executable, "-c", "import kb3d"], env=dict(os.environ, KB3D_LIBRARY=str(path)),
                             capture_output=True, text=True)
        assert run.returncode == 1 and "ImportError: kb3d: " in run.stderr and why in run.stderr


def test_import_loads_nothing_heavy():
    code = "import sys, kb3d; print([m for m in ('torch', 'PIL', 'av', 'tqdm', 'ipywidgets') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_scene_tells(scene, depth):
    info = scene.info
    assert (info.width, info.height, info.has_alpha, info.depth_source) == (90, 60, False, "host")
    assert info.focal_is_guess and info.inverse_depth_max == pytest.approx(0.8, abs=1e-3)
    assert scene.size == (90, 60) and scene.camera.width == 90
    assert np.allclose(scene.depth(), depth, atol=0.01)
    mine = np.empty((60, 90), np.uint16)
    assert scene.depth("estimate", out=mine) is mine and mine.max() == 65535
    assert "90x60" in repr(scene) and "threads" in repr(scene.context)
    with pytest.raises(kb3d.ModelError):
        scene.model("depth")


def test_masks_and_stages(picture, depth, context):
    scene = kb3d.Scene(picture, depth=depth, context=context, masks=[("sky", depth > 0.5)])
    assert scene.depth("adjust")[30, 45] < 0.25
    kb3d.Scene(picture, depth=1 / depth, depth_kind="z", context=context, skip=["refine", "adjust"], quality="high")


def test_paths(scene):
    for path in (kb3d.Path.auto(scene, seed=3), kb3d.Path.dolly(scene, focus=(45, 30)), kb3d.Path.circle(scene),
                 kb3d.Path.windows(scene, to=(40, 30, 45, 30), parallax=0, focus=2.0),
                 kb3d.Path(scene, ease="in", loop="bounce", range=(-0.5, 1.5), shift=0, zoom=1.1)):
        assert path.render(0.5, (48, 32)).shape == (32, 48, 3)
    camera = scene.camera
    moved = kb3d.Camera(camera.focal_px, camera.principal_x, camera.principal_y, 90, 60, translation=(-0.1, 0, 0))
    path = kb3d.Path.along(scene, [camera, moved], [0, 2])
    assert path.camera(1).translation[0] == pytest.approx(-0.05)
    assert kb3d.Path.auto(scene).time(1) == 1


def test_frames_are_those_of_the_command(scene):
    path = kb3d.Path.auto(scene)
    frames = path.frames(n=5, size=(48, 32))
    assert len(frames) == 5
    listed = list(frames)
    assert len(listed) == 5 and path.prepared_for == ((48, 32), "auto")
    assert np.array_equal(listed[4], path.render(1, (48, 32)))
    out = np.empty((32, 48, 3), np.uint8)
    assert all(f is out for f in path.frames(n=3, out=out, extend="none"))
    bounce = kb3d.Path.auto(scene, loop="bounce").frames(4)
    assert [bounce.time(i) for i in range(4)] == pytest.approx([0, 0.5, 1, 0.5])


def test_errors(picture, depth, context, tmp_path):
    with pytest.raises(kb3d.FileError, match="no such file.jpg") as caught:
        kb3d.Scene("no such file.jpg", context=context)
    assert isinstance(caught.value, OSError) and caught.value.status == -4
    with pytest.raises(kb3d.FormatError):
        kb3d.Scene(b"not a picture", context=context)
    with pytest.raises(kb3d.ModelError, match="no depth network"):
        kb3d.Scene(picture, context=context)
    with pytest.raises(kb3d.LimitError):
        kb3d.Scene(picture, depth=depth, context=kb3d.Context(pixel_limit=100, model_path=[]))
    with pytest.raises(kb3d.UnavailableError):
        kb3d.probe("cuda")
    kb3d.probe("cpu")
    scene = kb3d.Scene(picture, depth=depth, context=context)
    with pytest.raises(kb3d.ArgumentError, match="leaves the picture"):
        kb3d.Path.windows(scene, (0, 0, 50, 50))
    with pytest.raises(ValueError, match="motion 'spin' is none of auto"):
        kb3d.Path(scene, "spin")
    with pytest.raises(ValueError, match="2 cameras have 1"):
        kb3d.Path.along(scene, [scene.camera] * 2, [0])
    with pytest.raises(ValueError, match="1 frame or more"):
        kb3d.Path.auto(scene).frames(0)
    with pytest.raises(ValueError, match="a file's name has a zero in it"):
        kb3d.Scene("photo.jpg\0.png", context=context)
    for wrong in ({"from_": (1, 2, 3)}, {"focus": (1,)}, {"range": (0, 1, 2)}):
        with pytest.raises(ValueError, match="numbers, not"):
            kb3d.Path.windows(scene, **wrong)
    with pytest.raises(ValueError, match="rotation has 9 numbers, not 4"):
        kb3d.Path.along(scene, [kb3d.Camera(100, 45, 30, 90, 60, rotation=(1, 0, 0, 1))])


def test_progress(picture, depth, context, capsys):
    seen = []
    scene = kb3d.Scene(picture, depth=depth, context=context, progress=lambda *report: seen.append(report))
    assert seen and {stage for stage, _ in seen} <= {"decode", "depth", "adjust", "refine", "surface"}
    assert all(0 <= fraction <= 1 for _, fraction in seen)
    path = kb3d.Path.auto(scene)
    path.prepare(progress=True)  # bars of tqdm
    assert "extend" in capsys.readouterr().err
    with pytest.raises(kb3d.CancelledError):
        path.prepare(progress=lambda stage, fraction: False)

    def fails(stage, fraction):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        path.prepare(progress=fails)
    event = threading.Event()
    event.set()
    with pytest.raises(kb3d.CancelledError):
        path.render(0, cancel=event)
    path.render(0)


def test_nothing_calls_back(scene):
    path = kb3d.Path.auto(scene)
    with pytest.raises(RuntimeError, match="cannot be called from a function that it calls"):
        path.prepare(progress=lambda stage, fraction: path.render(0, (8, 8)))
    path.prepare((48, 32))


@pytest.fixture
def long(picture, depth, context):
    """A path whose preparing takes a while, most of it without a report."""
    return kb3d.Path.auto(kb3d.Scene(np.tile(picture, (12, 12, 1)), depth=np.tile(depth, (12, 12)), context=context))


def test_cancel_between_reports(long):
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    start = time.monotonic()
    timer.start()
    with pytest.raises(kb3d.CancelledError):
        while True:
            long.prepare((2160, 1440), cancel=stop)
    assert time.monotonic() - start < 5
    timer.join()


def test_progress_runs_in_the_thread_that_calls(scene):
    seen = set()
    kb3d.Path.auto(scene).prepare((48, 32), progress=lambda *report: seen.add(threading.get_ident()))
    assert seen == {threading.get_ident()}


def test_keyboard_interrupt(long):
    path = long
    timer = threading.Timer(0.05, _thread.interrupt_main)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        while True:
            path.prepare((2160, 1440))
    assert time.monotonic() - start < 5
    timer.join()
    path.render(0, (48, 32))  # and everything goes on


def test_the_gil_is_released(scene):
    path = kb3d.Path.auto(scene)
    done = threading.Event()
    ticks = []

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.monotonic()
    path.render(0.5, (3000, 2000))
    end = time.monotonic()
    done.set()
    thread.join()
    assert sum(start < t < end for t in ticks) > 3


def test_a_scene_in_many_threads(scene):
    path = kb3d.Path.auto(scene)
    path.prepare((48, 32))
    want = [path.render(i / 8, (48, 32)) for i in range(8)]
    failures = []

    def work(index):
        own = kb3d.Path.auto(scene)
        own.prepare((48, 32))
        for turn in range(6):
            if turn == 3:
                path.prepare((48, 32))  # waits for the renders of the others
            at = (index + turn) % 8
            if not (np.array_equal(path.render(at / 8, (48, 32)), want[at])
                    and np.array_equal(own.render(at / 8, (48, 32)), want[at])):
                failures.append((index, turn))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_the_log(picture, depth, caplog):
    with caplog.at_level(logging.DEBUG, "kb3d"):
        kb3d.Scene(picture, depth=depth, context=kb3d.Context(model_path=[]))
    assert any(record.name == "kb3d" for record in caplog.records)


def in_a_child(work):
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert os.waitstatus_to_exitcode(status) == 0
            return
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    pytest.fail("the child hangs")


def test_a_child_process_has_a_default_context_of_its_own(picture, depth):
    kb3d.Scene(picture, depth=depth)  # by the default context
    in_a_child(lambda: kb3d.Scene(picture, depth=depth))


def test_a_child_process_goes_on_with_what_it_got(picture, depth):
    """On one thread; and it ends none of its parent's."""
    mine = [kb3d.Context(threads=3, model_path=[])]
    mine.append(kb3d.Scene(picture, depth=depth, context=mine[0]))
    mine.append(kb3d.Path.auto(mine[1]))
    want = mine[2].render(0.5, (48, 32))

    def work():
        assert np.array_equal(mine[2].render(0.5, (48, 32)), want)
        mine.clear()

    in_a_child(work)
    assert np.array_equal(mine[2].render(0.5, (48, 32)), want)
