"""3D Ken Burns Effect from a Single Image, and its improved form: disparity, refinement, inpainting."""

from .checkpoints import load_into, read_weights
from .convert import Kind
from .networks import Estimation, ImprovedDisparity, ImprovedRefine, Inpaint, Refine

OFFICIAL = "sniklaus/3d-ken-burns"
IMPROVED = "pierlj/ken-burns-effect"
NON_COMMERCIAL = "CC BY-NC-SA 4.0"
DERIVED = "MIT as its authors say, of CC BY-NC-SA 4.0 code"
NOTE = "Not for commercial use: its authors allow none."
DERIVED_NOTE = "It derives from work whose licence allows no commercial use."
# Training saw pictures of RGB from -1 to 1, whatever the program that came with it gives.
SIGNED = {"order": "rgb", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
INPAINTING = {"entry": "inpaint", "context": "context"}


def weights_of(path):
    """Training's checkpoints keep them below a key."""
    return read_weights(path, "model_state_dict")


def estimation(network, path, vgg_path):
    """The semantics are torchvision's VGG19 with batch norm, as far as its fourth pooling."""
    load_into(network.disparity, weights_of(path), path)
    seen = read_weights(vgg_path)
    wanted = network.semantics.state_dict()
    load_into(network.semantics, {name: value for name, value in seen.items() if name in wanted}, vgg_path)
    return network


def kind(name, title, role, output, size, build, official=True, files=("WEIGHTS",), **more):
    return Kind(
        name, files, title, NON_COMMERCIAL if official else DERIVED, OFFICIAL if official else IMPROVED, role, output,
        size, build, note=NOTE if official else DERIVED_NOTE, **more,
    )


def simple(network):
    return lambda path: load_into(network(), weights_of(path), path)


BGR, RGB = {"order": "bgr"}, {"order": "rgb"}
# Any size fits; these are the pictures' sizes in training.
DEPTH_SIZE = {"long_side": 512, "multiple": 4}
REFINE_SIZE = {"long_side": 1024, "multiple": 4}
INPAINT_SIZE = {"long_side": 512, "multiple": 8}

KINDS = (
    kind(
        "disparity", "3D Ken Burns disparity", "depth", "disparity", DEPTH_SIZE,
        lambda *paths: estimation(Estimation(), *paths), files=("WEIGHTS", "VGG19_BN"), input=BGR,
    ),
    kind("refinement", "3D Ken Burns refinement", "refine", "inverse_depth", REFINE_SIZE, simple(Refine), input=BGR),
    kind(
        "inpainting", "3D Ken Burns inpainting", "inpaint", "color_and_inverse_depth", INPAINT_SIZE, simple(Inpaint),
        input=BGR, more=INPAINTING,
    ),
    kind(
        "improved-estimation", "Improved 3D Ken Burns disparity", "depth", "affine_inverse_depth", DEPTH_SIZE,
        lambda *paths: estimation(Estimation(ImprovedDisparity), *paths), official=False, files=("WEIGHTS", "VGG19_BN"),
        input=SIGNED,
    ),
    kind(
        "improved-refinement", "Improved 3D Ken Burns refinement", "refine", "inverse_depth", REFINE_SIZE,
        simple(ImprovedRefine), official=False, input=RGB,
    ),
    kind(
        "improved-inpainting", "Improved 3D Ken Burns inpainting", "inpaint", "color_and_inverse_depth", INPAINT_SIZE,
        simple(Inpaint), official=False, input=RGB, more=INPAINTING,
    ),
)
