"""The 3D Ken Burns data set, read where it lies: in its zip files.

    python -m training.archives FOLDER

writes dataset.csv and dataset_inpainting.csv for the archives in FOLDER, with the columns of Keskinsoy and Schmidt's
notebook (2020). SCENE-MODE.zip holds NUMBER-VIEW-image.png and NUMBER-meta.json with fltFov, the field of view in
degrees; SCENE-MODE-depth.zip holds NUMBER-VIEW-depth.exr. Views are tl, tr, bl, br: the corners of a square of BASELINE.
"""

import argparse
import csv
import json
import os
import re
import sys
import zipfile

import numpy as np

from training.depth_files import BadFile, decode_depth, decode_picture, to_disparity
from training.paths import write_whole

VIEWS = ("tl", "tr", "bl", "br")
ZIPS = ("zip_image_path", "zip_depth_path")
SINGLE = (*ZIPS, "image_path", "depth_path", "fltFov")
CORNERS = (*ZIPS, *("%s_%s_path" % (what, view) for what in ("image", "depth") for view in VIEWS), SINGLE[-1])
BASELINE = 20
IMAGE = re.compile(r"(.*)-(tl|tr|bl|br)-image\.png$")
# An entry that unpacks to more than this is no picture of 512 x 512.
LARGEST = 64 << 20


def corner_columns(view):
    return "image_%s_path" % view, "depth_%s_path" % view


def open_zip(path):
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise BadFile("%s: %s" % (path, error))


def read_entry(archive, path, name):
    try:
        if archive.getinfo(name).file_size > LARGEST:
            raise BadFile("%s: %s is too large" % (path, name))
        return archive.read(name)
    except KeyError:
        raise BadFile("%s: holds no %s" % (path, name))
    except (OSError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise BadFile("%s: %s: %s" % (path, name, error))


def focal_length(shape, degrees):
    """In pixels; the field of view spans the long side."""
    return max(shape) / 2 / np.tan(np.radians(degrees) / 2)


class Archives:
    """Rows of one of the two CSVs; zip paths in it may be relative to its folder."""

    def __init__(self, path, baseline=BASELINE):
        self.path, self.baseline, self.zips = path, baseline, {}
        try:
            with open(path, newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file)
                self.rows, columns = list(reader), tuple(reader.fieldnames or ())
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise BadFile("%s: %s" % (path, error))
        self.has_corners = set(CORNERS) <= set(columns)
        if not self.has_corners and not set(SINGLE) <= set(columns):
            raise BadFile("%s: its columns are neither %s nor %s" % (path, ", ".join(SINGLE), ", ".join(CORNERS)))
        if not self.rows:
            raise BadFile("%s: has no rows" % path)
        # Of a row of corners each view is a sample.
        self.count = len(self.rows) * (len(VIEWS) if self.has_corners else 1)

    def read(self, column, row, name):
        path = os.path.join(os.path.dirname(os.path.abspath(self.path)), row[column])
        # Processes that parted must not share a file's position.
        key = os.getpid(), path
        if key not in self.zips:
            self.zips[key] = open_zip(path)
        return read_entry(self.zips[key], path, name), "%s/%s" % (path, name)

    def load(self, row, image, depth):
        picture = decode_picture(*self.read("zip_image_path", row, row[image]))
        data, name = self.read("zip_depth_path", row, row[depth])
        values = decode_depth(data, name)
        if values.shape != picture.shape[:2]:
            raise BadFile("%s: is %s, its picture %s" % (name, values.shape, picture.shape[:2]))
        try:
            degrees = float(row["fltFov"])
        except (TypeError, ValueError):
            raise BadFile("%s: fltFov of %s is no number" % (self.path, name))
        return picture, *to_disparity(values, focal_length(values.shape, degrees), self.baseline)

    def get(self, number):
        columns = "image_path", "depth_path"
        if self.has_corners:
            number, view = divmod(number, len(VIEWS))
            columns = corner_columns(VIEWS[view])
        return dict(zip(("picture", "disparity", "weight"), self.load(self.rows[number], *columns)))

    def pair(self, number, rng):
        """Two of the four views: (picture, disparity) each, and how many times its disparity a point moves right and
        down."""
        if not self.has_corners:
            raise BadFile("%s: has no corner views; inpainting needs dataset_inpainting.csv" % self.path)
        row = self.rows[number // len(VIEWS)]
        source, truth = VIEWS[number % len(VIEWS)], VIEWS[int(rng.integers(len(VIEWS) - 1))]
        if source == truth:
            truth = VIEWS[-1]
        views = [self.load(row, *corner_columns(view))[:2] for view in (source, truth)]
        motion = [float((side in source) - (side in truth)) for side in ("r", "b")]
        return views[0], views[1], motion


def list_shots(folder):
    """Rows of CORNERS: each place that was captured from all four corners."""
    for name in sorted(os.listdir(folder)):
        stem = name[: -len(".zip")]
        depth_name = stem + "-depth.zip"
        if not name.endswith(".zip") or name.endswith(("-depth.zip", "-normal.zip")):
            continue
        if not os.path.exists(os.path.join(folder, depth_name)):
            raise BadFile("%s: %s is not there" % (folder, depth_name))
        with open_zip(os.path.join(folder, name)) as images, open_zip(os.path.join(folder, depth_name)) as depths:
            entries, depth_entries = set(images.namelist()), set(depths.namelist())
            for entry in sorted(entries):
                found = IMAGE.match(entry)
                if not found or found[2] != VIEWS[0]:
                    continue
                shot = {"zip_image_path": name, "zip_depth_path": depth_name}
                for view in VIEWS:
                    files = "%s-%s-image.png" % (found[1], view), "%s-%s-depth.exr" % (found[1], view)
                    shot.update(zip(corner_columns(view), files))
                meta = found[1] + "-meta.json"
                if {meta, *shot.values()} - {name, depth_name} <= entries | depth_entries:
                    yield {**shot, "fltFov": field_of_view(images, os.path.join(folder, name), meta)}


def field_of_view(archive, path, meta):
    try:
        return float(json.loads(read_entry(archive, path, meta))["fltFov"])
    except (ValueError, KeyError, TypeError):
        raise BadFile("%s: %s has no number fltFov" % (path, meta))


def write_tables(folder):
    """The two CSVs; returns how many shots."""
    shots = list(list_shots(folder))
    singles = [
        dict(zip(SINGLE, [shot[column] for column in (*ZIPS, *corner_columns(view), "fltFov")]))
        for shot in shots
        for view in VIEWS
    ]
    for name, columns, rows in (("dataset.csv", SINGLE, singles), ("dataset_inpainting.csv", CORNERS, shots)):
        write_whole(os.path.join(folder, name), lambda part: write_rows(part, columns, rows))
    return len(shots)


def write_rows(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="with the zip files")
    arguments = parser.parse_args()
    try:
        print("%d places from four corners" % write_tables(arguments.folder))
    except (BadFile, OSError) as error:
        sys.exit("archives: %s" % error)


if __name__ == "__main__":
    main()
