"""The dialog, on a screen that nobody sees, by the keyboard; and depth that the shipped network finds."""
import os
import re
import subprocess
import time

import gimp
from batch import Layers, begin
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


    def choose_second(self, window, key):
        """In the list that has that key."""
        self.press(window, key)
        for key in ("space", "Down", "Return"):
            self.xdotool("key", key)
            time.sleep(0.3)

    def write(self, window, key, text):
        """Into the entry that has that key."""
        self.press(window, key, "ctrl+a")
        self.xdotool("type", "--delay", "20", text)


def until(process, what, meanwhile=lambda: time.sleep(0.2)):
    """Whether it came true in time."""
    end = time.monotonic() + WAIT_S
    while not what() and process.poll() is None and time.monotonic() < end:
        meanwhile()
    return what()


def open_dialog(screen, process):
    return until(process, lambda: screen.find("3D Ken Burns"))[0]


def fly_backwards(screen, process):
    """Takes the layer of depth, switches "Backwards" on, and presses OK as soon as that can be done."""
    window = open_dialog(screen, process)
    screen.press(window, "alt+b")
    screen.choose_second(window, "alt+f")
    assert until(process, lambda: not screen.find("3D Ken Burns"), lambda: screen.press(window, "alt+o"))


class Cancelled:
    """Cancel stops a long video, whose file goes away, and leaves the dialog open; a second one closes that."""
    name = "cancel"

    def __init__(self, bench):
        self.bench, self.file = bench, bench.path("never.mp4")
        self.script = gimp.on_picture(bench.photo, bench.depth, "%s %s %s" % (
            begin(self.name), Flight().call(0), gimp.say('"goes on"')))
        self.has_begun = self.has_stopped = self.is_open = False

    def is_writing(self):
        return any(name.startswith(".kb3d") for name in os.listdir(self.bench.folder))

    def drive(self, screen, process):
        window = open_dialog(screen, process)
        screen.choose_second(window, "alt+f")
        screen.choose_second(window, "alt+e")
        screen.write(window, "alt+n", self.file)
        screen.write(window, "alt+d", "600")
        self.has_begun = until(process, self.is_writing, lambda: screen.press(window, "alt+o"))
        screen.press(window, "alt+c")
        self.has_stopped = until(process, lambda: not self.is_writing())
        time.sleep(1)
        self.is_open = bool(screen.find("3D Ken Burns"))
        assert until(process, lambda: not screen.find("3D Ken Burns"), lambda: screen.press(window, "alt+c"))

    def check(self, lines):
        assert self.has_begun and self.has_stopped and self.is_open, (self.has_begun, self.has_stopped, self.is_open)
        assert not os.path.exists(self.file)
        assert lines == ["goes on"], lines


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
    cancelled = Cancelled(bench)
    cases.append(cancelled)
    if models:
        cases.append(Layers(bench, "network", Flight(depth=-1), depth="", models=models))
        cases.append(ReadmeScript(bench, README, models))
    with Screen() as screen:
        process = host.start([case.script for case in cases], DISPLAY=screen.name, KB3D_MODEL_PATH=models)
        fly_backwards(screen, process)
        cancelled.drive(screen, process)
        output = process.communicate(timeout=WAIT_S)[0]
    return gimp.check(cases, output)
