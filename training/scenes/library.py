"""What all scenes share: textures, outlines, clouds, cut-outs; made from a seed and the photographs in seconds."""

import numpy as np

from training import paths
from training.pictures import load_picture
from training.scenes.cutouts import load_cut_outs
from training.scenes.outlines import draw_outlines
from training.scenes.textures import Atlas, cloud


class Library:
    def __init__(self, pictures=(), seed=0, drawn=200, cut=400, outlines=40, cut_outs=()):
        self.atlas = Atlas(pictures, seed, drawn, cut)
        self.outlines = draw_outlines(seed, outlines)
        self.clouds = [cloud(np.random.default_rng([seed, 3, k]), 256, 7, 0.55) for k in range(6)]
        self.cut_outs = {}
        for cut_out in cut_outs:
            self.cut_outs.setdefault(cut_out.kind, []).append(cut_out)
        self.atlas.append(cut_outs)


def load_library(seed=0):
    """With textures and cut-outs from the photographs that may be trained on."""
    pictures = [load_picture(paths.data_path(name), 480) for name in paths.training_photos()]
    return Library(pictures, seed, cut_outs=load_cut_outs())
