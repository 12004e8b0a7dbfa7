"""Tests in Python, one line each: run.py PROJECT FOLDER [MODULE ...], of FOLDER in PROJECT. Skipped where this Python lacks
PyTorch or another of the modules."""
import importlib.util
import os
import sys
import unittest


class Lines(unittest.TextTestResult):
    """A line for each test, as scripts/count-results counts them; what failed is told after its line."""

    def tell(self, word, test, why=""):
        print("%-6s %s %s" % (word, test.id(), why), flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.tell("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.tell("skip", test, reason)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.tell("FAILED", test, "\n" + self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.tell("FAILED", test, "\n" + self.errors[-1][1])

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.tell("FAILED", subtest, "\n" + (self.failures + self.errors)[-1][1])


def main():
    missing = [name for name in ("torch", *sys.argv[3:]) if not importlib.util.find_spec(name)]
    if missing:
        print("skip %s: %s has no %s" % (sys.argv[2], sys.executable, ", ".join(missing)))
        return 77
    sys.dont_write_bytecode = True
    os.chdir(sys.argv[1])
    sys.path.insert(0, sys.argv[1])
    tests = unittest.defaultTestLoader.discover(sys.argv[2], top_level_dir=".")
    result = unittest.TextTestRunner(stream=open(os.devnull, "w"), resultclass=Lines).run(tests)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
