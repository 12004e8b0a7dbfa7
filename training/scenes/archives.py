"""Generated scenes in the layout of the 3D Ken Burns data set, with its two CSVs: what learns from one learns from both.

    python -m training.scenes.archives FOLDER --count 400 [--size 512x512] [--seed 31]

Distances are in units in which the square of the corner views measures BASELINE, as in the data set.
"""

import argparse
import io
import json
import os
import zipfile

import numpy as np
from PIL import Image

from training.archives import BASELINE, VIEWS, write_tables
from training.depth_files import need
from training.scenes.library import load_library
from training.scenes.make import develop, make_picture
from training.scenes.render import Picture, render
from training.scenes.views import baseline_for, corner_cameras


def capture(library, seed, number, size):
    """View to (colours, depth), and the field of view in degrees."""
    front, scene, camera = make_picture(library, seed, number, size)
    rng = np.random.default_rng([seed, number, 9])
    side = baseline_for(front, camera, np.exp(rng.uniform(np.log(0.02), np.log(0.12))) * max(size))
    views = [render(scene, one) for one in corner_cameras(camera, side).values()]
    # Developed as one sheet: with one exposure.
    sheet = [np.concatenate([getattr(view, name) for view in views]) for name in vars(views[0])]
    colors = np.split(develop(Picture(*sheet), scene), len(VIEWS))
    far = np.float32(np.inf)
    depths = [
        np.where(view.inverse_depth > 0, BASELINE / side / np.maximum(view.inverse_depth, 1e-9), far) for view in views
    ]
    degrees = 2 * np.degrees(np.arctan(max(size) / 2 / camera.focal_px))
    return {name: pair for name, *pair in zip(corner_cameras(camera, side), colors, depths)}, float(degrees)


def encode_exr(depth):
    exr, file = need("OpenEXR"), io.BytesIO()
    header = {"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage}
    exr.File(header, {"Y": np.ascontiguousarray(depth, np.float32)}).write(file)
    return file.getvalue()


def encode_png(color):
    file = io.BytesIO()
    Image.fromarray(color).save(file, "PNG")
    return file.getvalue()


def write_archives(folder, shots, name="generated-flying"):
    """`shots`: what `capture` gives."""
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(os.path.join(folder, name + ".zip"), "w") as images, zipfile.ZipFile(
        os.path.join(folder, name + "-depth.zip"), "w"
    ) as depths:
        for number, (views, degrees) in enumerate(shots, 1):
            for view, (color, depth) in views.items():
                images.writestr("%05d-%s-image.png" % (number, view), encode_png(color))
                depths.writestr("%05d-%s-depth.exr" % (number, view), encode_exr(depth))
            images.writestr("%05d-meta.json" % number, json.dumps({"fltFov": degrees}))
    return write_tables(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--size", default="512x512", help="long side x short side")
    arguments = parser.parse_args()
    size = [int(side) for side in arguments.size.split("x")]
    library = load_library()
    write_archives(arguments.folder, (capture(library, arguments.seed, k, size) for k in range(arguments.count)))


if __name__ == "__main__":
    main()
