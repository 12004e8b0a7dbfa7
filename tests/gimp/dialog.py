"""The dialog, on a screen that nobody sees, by the keyboard; and depth that the shipped network finds."""
import os
import re
import subprocess
import time

import gimp
from batch import Layers
from gimp import Flight

WAIT_S = 300
HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "..", "..", "examples", "hosts", "gimp", "README.md")


class Screen:
    def __enter__(self):
        out, into = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(into), "-screen", "0", "1400x1000x24"],
                                       pass_fds=[into], stderr=subprocess.DEVNULL)
        os.close(into)
        with os.fdopen(out) as number:
            self.name = ":" + number.readline().strip()
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, "DISPLAY": self.name}).stdout.split()

    def find(self, title):
        return self.xdotool("search", "--onlyvisible", "--name", "^%s$" % title)

    def press(self, window, *keys):
        for key in keys:
            self.xdotool("windowfocus", window)
            self.xdotool("key", "--delay", "50", key)
            time.sleep(0.3)


def fly_backwards(screen, process):
    """Takes the layer of depth, switches "Backwards" on, and presses OK as soon as that can be done."""
    end = time.monotonic() + WAIT_S
    while not screen.find("3D Ken Burns") and process.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    window = screen.find("3D Ken Burns")[0]
    screen.press(window, "alt+b", "alt+f")
    for key in ("space", "Down", "Return"):  # in the list, which has the keyboard
        screen.xdotool("key", key)
        time.sleep(0.3)
    while screen.find("3D Ken Burns") and time.monotonic() < end:
        screen.press(window, "alt+o")


class ReadmeScript:
    """The script of the plug-in's README makes the command's video."""
    name = "readme"

    def __init__(self, bench, readme, models):
        self.bench, self.models = bench, models
        script = re.search(r"gimp -i -b '(.*?)' -b", open(readme).read(), re.S).group(1)
        assert "photo.jpg" in script and "photo.mp4" in script
        script = script.replace("photo.jpg", bench.photo).replace("photo.mp4", bench.path("readme.mp4"))
        self.script = gimp.say('"begin readme"') + script + gimp.say('"done"')

    def check(self, lines):
        assert lines == ["done"], lines
        wanted = self.bench.path("wanted readme.mp4")
        self.bench.animate(output=wanted, words=self.bench.whole, depth="", models=self.models)
        assert open(self.bench.path("readme.mp4"), "rb").read() == open(wanted, "rb").read()


def run(bench, host):
    models = os.environ.get("KB3D_TEST_MODELS", "")
    cases = [Layers(bench, "dialog", Flight(), mode=0, names=["Frame %d (40ms)" % (i + 1) for i in range(125)],
                    compared=(1, 63, 125), words=bench.whole + ("--range", "1,0"))]
    if models:
        cases.append(Layers(bench, "network", Flight(depth=-1), depth="", models=models))
        cases.append(ReadmeScript(bench, README, models))
    with Screen() as screen:
        process = host.start([case.script for case in cases], DISPLAY=screen.name, KB3D_MODEL_PATH=models)
        fly_backwards(screen, process)
        output = process.communicate(timeout=WAIT_S)[0]
    return gimp.check(cases, output)
