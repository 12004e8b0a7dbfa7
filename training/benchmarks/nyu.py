"""NYU Depth v2 (Silberman et al., 2012): 654 pictures of the labelled set's test half."""

import numpy as np

from training.benchmarks.mat import read_mat
from training.depth_files import BadFile, need

BORDER = 16


def cases(path, split_path):
    """(name, picture, depth in metres, what is known, nothing more)."""
    numbers = read_mat(split_path, "testNdxs").ravel().astype(int) - 1
    try:
        with need("h5py").File(path, "r") as file:
            images, depths = file["images"], file["depths"]
            if len(images) != len(depths) or numbers.min() < 0 or numbers.max() >= len(images):
                raise BadFile("%s: holds %d pictures, %s asks for others" % (path, len(images), split_path))
            for number in numbers:
                # MATLAB counts columns first.
                picture, depth = images[number].transpose(2, 1, 0), depths[number].T
                known = np.zeros(depth.shape, bool)
                known[BORDER:-BORDER, BORDER:-BORDER] = True
                yield "%04d" % (number + 1), np.ascontiguousarray(picture), depth, known & (depth > 0), {}
    except (OSError, KeyError, ValueError) as error:
        raise BadFile("%s: %s" % (path, error))
