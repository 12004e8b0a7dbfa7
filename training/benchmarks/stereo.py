"""View synthesis: from a stereo pair's left picture and its disparity the right one, holes painted, beside the truth."""

import numpy as np

from training.depth_files import BadFile, decode_depth, decode_picture, read_bytes
from training.inpainting import Case, fill_rows
from training.metrics import psnr, ssim
from training.warp import move

FIGURES = ("psnr", "ssim", "holes", "holes_ssim")


def read_disparity(path):
    """Pixels by which what the left picture shows lies farther left in the right one; nothing finite = unknown."""
    if path.endswith(".npz"):
        try:
            with np.load(path, allow_pickle=False) as file:
                return file[file.files[0]].astype(np.float32)
        except (OSError, ValueError, IndexError) as error:
            raise BadFile("%s: %s" % (path, error))
    return decode_depth(read_bytes(path), path)


def pair(left, right, disparity):
    """The case of a pair; sides are cut to multiples of 32."""
    pictures = [decode_picture(read_bytes(path), path) / np.float32(255) for path in (left, right)]
    map_ = read_disparity(disparity)
    if not pictures[0].shape == pictures[1].shape == (*map_.shape, 3):
        raise BadFile("%s and its pair are not of one size" % left)
    height, width = (side // 32 * 32 for side in map_.shape)
    source, truth = (picture[:height, :width] for picture in pictures)
    map_ = fill_rows(np.where(map_ > 0, map_, np.nan))[:height, :width]
    if not np.isfinite(map_).all():
        raise BadFile("%s: a row knows nothing" % disparity)
    largest = float(map_.max())
    depth = (map_ / largest).astype(np.float32)
    return Case("stereo", source, depth, truth, None, move(depth, (-largest, 0, 0)))


def figures(case, picture):
    """Of the whole view, and of what it uncovers between two surfaces."""
    picture = np.clip(picture, 0, 1)
    values = [judge(picture, case.truth, where) for where in (None, case.judged) for judge in (psnr, ssim)]
    return dict(zip(FIGURES, values))
