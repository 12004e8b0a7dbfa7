"""Runs the command and counts what holds. A test is a function whose name starts with test_; it takes a Bench."""
import os
import shutil
import subprocess
import tempfile
import traceback


class Skip(Exception):
    """This machine lacks what the test needs."""


class Run:
    def __init__(self, status, out, err, peak_mb):
        self.status, self.out, self.err, self.peak_mb = status, out, err, peak_mb


class Bench:
    """A command and a fresh folder, which is the current one."""

    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)
        return name

    def path(self, name):
        return os.path.join(self.folder, name)

    def list(self, name="."):
        return sorted(os.listdir(self.path(name)))

    def start(self, *words, **more):
        return subprocess.Popen([self.command, *words], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", **more)

    def run(self, *words, **more):
        """The status, what was printed, and the most memory the process held."""
        with tempfile.TemporaryFile("w+", errors="replace") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen([self.command, *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=err, **more)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            return Run(process.returncode, out.read(), err.read(), usage.ru_maxrss / 1024)

    def works(self, *words, **more):
        """Exit status 0 and nothing on stderr."""
        run = self.run(*words, **more)
        assert run.status == 0, "%s: exit status %d: %s" % (" ".join(words), run.status, run.err[-2000:])
        assert run.err == "", "%s: says %s" % (" ".join(words), run.err)
        return run

    def fails(self, *words, names=None, status=1, **more):
        """The exit status, one line on stderr that names the file, and no new file."""
        before = self.tree()
        run = self.run(*words, **more)
        words = " ".join(words)
        assert run.status == status, "%s: exit status %d, not %d: %s" % (words, run.status, status, run.err[-2000:])
        lines = run.err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("kb3d: "), "%s: not one line: %s" % (words, run.err)
        assert names is None or names in lines[0], "%s: %s is not named: %s" % (words, names, run.err)
        assert len(lines[0]) > len("kb3d: ") + len(names or "") + 8, "%s: no cause: %s" % (words, run.err)
        assert self.tree() == before, "%s: leaves %s" % (words, set(self.tree()) ^ set(before))
        return run

    def tree(self):
        return sorted(os.path.join(at, name) for at, folders, files in os.walk(self.folder)
                      for name in folders + files)


def run_all(command, modules, pattern):
    passed = failed = 0
    for module in modules:
        for name, test in list(vars(module).items()):
            if not name.startswith("test_") or pattern not in name:
                continue
            folder = tempfile.mkdtemp(prefix="kb3d-cli-")
            try:
                test(Bench(command, folder))
                passed += 1
                print("ok   %s" % name, flush=True)
            except Skip as why:
                print("skip %s: %s" % (name, why), flush=True)
            except Exception:
                failed += 1
                print("FAIL %s\n%s" % (name, traceback.format_exc(limit=-3)), flush=True)
            shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0
