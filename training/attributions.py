"""Writes the list of all pictures that networks here learnt from, with licence and origin, for the model cards.

    python -m training.attributions > models/attributions.tsv

Validation pictures are not in it: nothing learns from them.
"""

import csv
import os
import sys

from training import paths

COLUMNS = ("picture", "licence", "original")
FOLDERS = {
    "photos/training/lund": ("BSD 2-Clause", "mapillary/OpenSfM, data/lund"),
    "photos/training/sacre_coeur": ("Creative Commons (YFCC)", "cvg/Hierarchical-Localization, datasets/sacre_coeur"),
}


def read_table(name):
    with open(paths.data_path(name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def rows():
    mixed = {"photos/training/mixed/" + row["file"]: row for row in read_table("photos/training/sources.tsv")}
    for name in paths.training_photos():
        if name in mixed:
            row = mixed[name]
            place = "%s, %s" % (row["repository"].split("@")[0], row["path"])
            yield name, row["licence"], row["original"] if "://" in row["original"] else place
        else:
            yield name, *FOLDERS[os.path.dirname(name)]
    measured = {"training_rgbd/" + row["file"]: row for row in read_table("training_rgbd/sources.tsv")}
    for name in paths.training_rgbd():
        row = measured[name]
        yield name, row["licence"], "%s, %s" % (row["repository@commit"].split("@")[0], row["path"])


def main():
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())


if __name__ == "__main__":
    main()
