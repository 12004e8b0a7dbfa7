"""iBims-1 (Koch et al., 2018): 100 rooms with exact depth, their outlines and planes."""

import os

import numpy as np

from training.benchmarks.mat import read_mat
from training.depth_files import BadFile

SURFACES = ("mask_wall", "mask_floor", "mask_table")


def cases(folder):
    """(name, picture, depth in metres, what is known, {"edges", "planes": masks, "calibration": fx, fy, cx, cy})."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".mat"))
    if not names:
        raise BadFile("%s: holds no .mat files" % folder)
    for name in names:
        path = os.path.join(folder, name)
        data = read_mat(path, "data")[0, 0]
        try:
            depth = data["depth"].astype(np.float64)
            known = (depth > 0) & np.isfinite(depth) & (data["mask_invalid"] > 0) & (data["mask_transp"] > 0)
            calibration = data["calib"].astype(np.float64)
            # Written for rows of points: the middle stands in the last row; or in the last column.
            middle = calibration[2, :2] if calibration[2, :2].any() else calibration[:2, 2]
            planes = [
                (data[surface] == number) & known
                for surface in SURFACES
                for number in np.unique(data[surface][data[surface] > 0])
            ]
            beside = {
                "edges": data["edges"] > 0,
                "planes": [plane for plane in planes if plane.sum() >= 3],
                "calibration": (calibration[0, 0], calibration[1, 1], *middle),
            }
            picture = np.ascontiguousarray(data["rgb"])
        except (ValueError, KeyError, IndexError) as error:
            raise BadFile("%s: %s" % (path, error))
        yield name[: -len(".mat")], picture, depth, known, beside
