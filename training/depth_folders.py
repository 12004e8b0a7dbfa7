"""A folder of pictures and one of depth maps, alike in their names: DIML, NYU, MVS-Synth, MegaDepth and what else fits.

    PATH/images/NAME.png    PATH/depth/NAME.png, .exr, .h5 or .npy    PATH/masks/NAME.png

Depth is in the data set's own unit, which `baseline` is then in too; disparity is focal * baseline / depth in pixels.
Masks need not be there: numbers of objects, 0 = none.
"""

import os

import numpy as np

from training.depth_files import BadFile, READERS, decode_depth, decode_picture, read_bytes, to_disparity

PICTURES = (".png", ".jpg", ".jpeg")


def names_in(folder, endings):
    """Name without its end to file name."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise BadFile("%s: %s" % (folder, error.strerror))
    split = (os.path.splitext(name) for name in names)
    return {stem: stem + end for stem, end in sorted(split) if end.lower() in endings}


class DepthFolder:
    def __init__(self, path, focal, baseline, images="images", depth="depth", masks="masks"):
        self.focal, self.baseline = focal, baseline
        folders = {name: os.path.join(path, name) for name in (images, depth, masks)}
        pictures, depths = names_in(folders[images], PICTURES), names_in(folders[depth], READERS)
        lacking = sorted(set(pictures) - set(depths))
        if lacking:
            raise BadFile("%s: has no depth for %s" % (folders[depth], pictures[lacking[0]]))
        if not pictures:
            raise BadFile("%s: holds no pictures" % folders[images])
        self.stems = sorted(pictures)
        self.pictures = {stem: os.path.join(folders[images], name) for stem, name in pictures.items()}
        self.depths = {stem: os.path.join(folders[depth], depths[stem]) for stem in pictures}
        found = names_in(folders[masks], (".png",)) if os.path.isdir(folders[masks]) else {}
        self.masks = {stem: os.path.join(folders[masks], name) for stem, name in found.items()}
        self.count = len(self.stems)

    def get(self, number):
        stem = self.stems[number]
        picture = decode_picture(read_bytes(self.pictures[stem]), self.pictures[stem])
        depth = decode_depth(read_bytes(self.depths[stem]), self.depths[stem])
        disparity, known = to_disparity(depth, self.focal, self.baseline)
        sample = {"picture": picture, "disparity": disparity, "weight": known}
        if self.masks:
            sample["objects"] = self.objects(stem, depth.shape)
        return sample

    def objects(self, stem, shape):
        if stem not in self.masks:
            return np.zeros(shape, np.float32)
        return decode_depth(read_bytes(self.masks[stem]), self.masks[stem])
