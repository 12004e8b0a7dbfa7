"""The tutorial is executed, the README's code is run, and a user's typed program passes mypy."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
DEMO = os.environ.get("KB3D_TEST_DEMO")  # a folder with photo.ppm and depth.pfm


@pytest.fixture
def folder(tmp_path, monkeypatch):
    if not DEMO:
        pytest.skip("no demo picture was made")
    for name in ("photo.ppm", "depth.pfm"):
        shutil.copy(pathlib.Path(DEMO) / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_tutorial(folder):
    import nbclient
    import nbformat

    notebook = nbformat.read(HERE.parent / "tutorial.ipynb", 4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=folder)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [kind for output in outputs for kind in output.get("data", {})]
    assert shown.count("image/png") == 1 and "application/vnd.jupyter.widget-view+json" in shown
    assert sum("<video" in output.get("data", {}).get("text/html", "") for output in outputs) == 2
    assert (folder / "dolly.mp4").stat().st_size > 1000


def test_readme(folder):
    """In the order of the page, with the demo picture as the photograph; what needs a network has been left aside."""
    text = (HERE.parent / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 2
    code = "\n".join(blocks).replace('kb3d.Scene("photo.jpg")', 'kb3d.Scene("photo.ppm", depth="depth.pfm")')
    code = code.replace("n=125, size=(1920, 1080)", "n=2, size=(480, 270)").replace('"circle")', '"circle", duration=0.4)')
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_types(tmp_path):
    program = tmp_path / "program.py"
    program.write_text('''
import numpy as np
import numpy.typing as npt
import kb3d

def fly(picture: npt.NDArray[np.uint8]) -> float:
    scene = kb3d.Scene(picture, depth="d.pfm", masks=[("sky", "sky.png")], progress=True)
    path = kb3d.Path.auto(scene, focus=(3, 4), zoom=1.2)
    total = 0.0
    for frame in path.frames(n=5, size=(64, 48)):
        total += float(frame.mean())
    video: kb3d.Video = kb3d.animate(scene, "out.mp4", motion="circle")
    return total + len(video.data)
''')
    wrong = tmp_path / "wrong.py"
    wrong.write_text('import kb3d\nkb3d.Path.auto("photo.jpg")\n')

    def mypy(*words):
        return subprocess.run([sys.executable, "-m", "mypy", "--strict", *words], cwd=tmp_path, capture_output=True,
                              text=True)

    checked = mypy("program.py")
    assert checked.returncode == 0, checked.stdout
    assert mypy("wrong.py").returncode == 1
    package = mypy("-p", "kb3d")
    assert package.returncode == 0, package.stdout
