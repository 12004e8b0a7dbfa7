"""What all scenes share: textures, outlines, clouds. Made anew in a few seconds from a seed and the photographs."""
import numpy as np

from training import paths
from training.pictures import load_picture
from training.scenes.outlines import draw_outlines
from training.scenes.textures import Atlas, cloud


class Library:
    def __init__(self, pictures=(), seed=0, drawn=200, cut=400, outlines=40):
        self.atlas = Atlas(pictures, seed, drawn, cut)
        self.outlines = draw_outlines(seed, outlines)
        self.clouds = [cloud(np.random.default_rng([seed, 3, k]), 256, 7, 0.55) for k in range(6)]


def load_library(seed=0):
    """With textures from the photographs that may be trained on."""
    return Library([load_picture(paths.data_path(name), 480) for name in paths.training_photos()], seed)
