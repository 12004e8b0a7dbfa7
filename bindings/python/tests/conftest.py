"""A ball before a wall, and a line for each test that scripts/count-results understands."""
import numpy as np
import pytest

import kb3d

WIDTH, HEIGHT = 90, 60
WORDS = {"passed": "ok", "skipped": "skip", "failed": "FAILED"}


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed" and report.when == "setup":
        print("\n%s %s" % (WORDS[report.outcome], report.nodeid), end="")


@pytest.fixture(scope="session")
def picture():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ball = is_ball()
    wall = np.stack([(x * 3 + y) % 256, (y * 4) % 256, (x * 7 ^ y * 5) % 256], 2)
    return np.where(ball[:, :, None], [220, 120, 60], wall).astype(np.uint8)


def is_ball():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return (x - WIDTH // 2) ** 2 + (y - HEIGHT // 2) ** 2 < 15 ** 2


@pytest.fixture(scope="session")
def depth():
    return np.where(is_ball(), 0.8, 0.2).astype(np.float32)


@pytest.fixture(scope="session")
def context():
    """One that meets no network by chance."""
    return kb3d.Context(threads=2, model_path=[])


@pytest.fixture
def scene(picture, depth, context):
    return kb3d.Scene(picture, depth=depth, context=context)
