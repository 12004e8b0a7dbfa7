"""Where the data lies, and which of it no network may learn from."""

import csv
import os

HERE = os.path.dirname(os.path.abspath(__file__))
VALIDATION_LIST = os.path.join(HERE, "validation.txt")
PHOTO_LIST = os.path.join(HERE, "photos.tsv")


def data_folder():
    folder = os.environ.get("KB3D_TEST_DATA")
    if not folder:
        raise SystemExit(
            "KB3D_TEST_DATA does not name the folder with pictures, teachers and the encoder's weights"
        )
    return folder


def data_path(*names):
    return os.path.join(data_folder(), *names)


def read_validation_list():
    """The held-out pictures, relative to the data folder."""
    with open(VALIDATION_LIST, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def read_photo_list():
    """What the training photographs show, told by looking: picture to {"kind": room, close or outdoor, "sky"}."""
    with open(PHOTO_LIST, encoding="utf-8", newline="") as file:
        return {row["picture"]: row for row in csv.DictReader(file, delimiter="\t")}


def photo_kinds():
    return {name: row["kind"] for name, row in read_photo_list().items()}


def list_pictures(*folders):
    """All pictures in folders below the data folder, relative to it, in a fixed order."""
    found = []
    for folder in folders:
        for name in sorted(os.listdir(data_path(folder))):
            if name.lower().endswith((".jpg", ".jpeg", ".png")):
                found.append(folder + "/" + name)
    return found


def training_photos():
    """Photographs without depth that may be trained on."""
    held_out = set(read_validation_list())
    folders = ["photos/training/" + name for name in ("mixed", "lund", "sacre_coeur")]
    return [name for name in list_pictures(*folders) if name not in held_out]


def training_rgbd():
    """Pictures with true inverse depth that may be trained on; the depth lies beside each as PNG."""
    held_out = set(read_validation_list())
    root = data_path("training_rgbd")
    sets = sorted(name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name)))
    pictures = list_pictures(*("training_rgbd/" + name for name in sets))
    return [name for name in pictures if name.endswith(".jpg") and name not in held_out]


def write_whole(path, write):
    """A file that has its name only once it is whole, whoever else makes the same one. `write`: takes a path."""
    part = "%s.%d.part%s" % (path, os.getpid(), os.path.splitext(path)[1])
    write(part)
    os.replace(part, path)
