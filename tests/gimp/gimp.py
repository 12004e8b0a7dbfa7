"""A GIMP with our plug-in and little else, in a folder of its own; and what its Script-Fu is told."""
import functools
import os
import re
import subprocess

FOLDERS = ("brushes", "dynamics", "fonts", "gradients", "palettes", "patterns", "templates", "tool-presets", "tmp")
PLUGINS = ("script-fu", "file-png", "file-pnm")
SAY = "kb3d-test: "


class Gimp:
    def __init__(self, plugin, library_folder, folder):
        self.home = os.path.join(folder, "home")
        plugins = os.path.join(folder, "plug-ins")
        for name in FOLDERS:
            os.makedirs(os.path.join(self.home, name))
        os.makedirs(os.path.join(plugins, "kb3d"))
        os.symlink(plugin, os.path.join(plugins, "kb3d", "kb3d"))
        for name in PLUGINS:
            os.symlink(os.path.join(library_folder, "plug-ins", name), os.path.join(plugins, name))
        with open(os.path.join(self.home, "gimprc"), "w") as rc:
            rc.write('(plug-in-path "%s")\n(temp-path "%s")\n(swap-path "%s")\n(check-updates no)\n'
                     % (plugins, os.path.join(self.home, "tmp"), os.path.join(self.home, "tmp")))

    def start(self, scripts, *words, **environment):
        """The process that runs the scripts, one after the other, and ends."""
        scripts = ["(gimp-message-set-handler CONSOLE)", *scripts, "(gimp-quit 1)"]
        batch = [word for script in scripts for word in ("--batch", script)]
        return subprocess.Popen(
            ["gimp", "--no-data", "--no-fonts", "--no-splash", "--new-instance", *words, *batch],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env={**os.environ, "GIMP2_DIRECTORY": self.home, "HOME": self.home, "LC_ALL": "C.UTF-8",
                 "KB3D_MODEL_PATH": "", **environment})


def check(cases, output):
    """Names and checks of the cases, with what was said, or failed, after each one's "begin NAME"."""
    lines, at = {}, []
    for told, failed in re.findall(r"%s(.*)|^Error: (.*)" % SAY, output, re.M):
        if told.startswith("begin "):
            at = lines.setdefault(told[6:], [])
        else:
            at.append(told or failed)
    return [(case.name, functools.partial(case.check, lines.get(case.name, [output[-3000:]]))) for case in cases]


def say(expression):
    return '(gimp-message (string-append "%s" %s))' % (SAY, expression)


def text(value):
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


class Flight:
    """A call of the procedure; what is not given is the usual."""
    ORDER = ("depth", "depth_kind", "selection", "motion", "zoom", "shift", "x", "y", "seed", "reverse", "ease",
             "loop", "duration", "frame_rate", "width", "height", "file")

    def __init__(self, **values):
        usual = dict(depth="depth", depth_kind=0, selection=0, motion=0, zoom=0, shift=0.08, x=-1, y=-1, seed=0,
                     reverse=0, ease=0, loop=0, duration=0.3, frame_rate=10, width=192, height=128, file="")
        assert set(values) <= set(usual)
        usual.update(values)
        usual["file"] = text(usual["file"])
        self.words = " ".join(str(usual[name]) for name in self.ORDER)

    def call(self, mode=1):
        return "(car (plug-in-kb3d %d image picture %s))" % (mode, self.words)


def on_picture(photo, depth, what):
    """Does something with image, picture (its layer) and depth (a layer below it)."""
    return ('(let* ((image (car (gimp-file-load 1 %s "")))'
            ' (picture (car (gimp-image-get-active-layer image)))'
            ' (depth (car (gimp-file-load-layer 1 image %s))))'
            ' (gimp-image-insert-layer image depth 0 1)'
            ' %s (gimp-image-delete image))' % (text(photo), text(depth), what))


def save(folder, numbers):
    """Says precision and kind of `new` and its layers' names; saves some layers, counted from below, in 8 bit."""
    return ("%s"
            " (if (not (= (car (gimp-image-get-precision new)) PRECISION-U8-GAMMA))"
            "  (gimp-image-convert-precision new PRECISION-U8-GAMMA))"
            " (let ((layers (vector->list (cadr (gimp-image-get-layers new)))) (n 0))"
            "  (for-each (lambda (layer) (set! n (+ n 1)) %s (if (member n '(%s)) (begin"
            "   (if (= (car (gimp-drawable-has-alpha layer)) TRUE) (gimp-layer-flatten layer))"
            "   (file-pnm-save 1 new layer (string-append %s \"/\" (number->string n) \".ppm\") \"\" 1))))"
            "  (reverse layers)))"
            % (say('(number->string (car (gimp-image-get-precision new))) " "'
                   ' (number->string (car (gimp-image-base-type new)))'),
               say("(car (gimp-item-get-name layer))"), " ".join(map(str, numbers)), text(folder)))
