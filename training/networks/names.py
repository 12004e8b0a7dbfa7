"""What an ImageNet classifier would call each place: a thousand names, of which a few groups are told.

A segmentation network sees few animals and vehicles in training, the classifier has seen a million pictures. Asked at
every place instead of once about the whole, it shows roughly where they are. It is the one that belongs to the encoder.
"""

import torch
from torch import nn
from torch.nn import functional

from training import paths
from training.networks.mobilenet import TAP_CHANNELS

NAMES = 1001  # ImageNet's, 0 = none of them
FEATURES = 1280
CLASSIFIER = "tf2_mobilenet_v2_1.0_224_ptq.tflite"


def spans(*parts):
    """Numbers of ILSVRC 2012's classes, ends included, as the classifier counts them."""
    numbers = []
    for part in parts:
        first, last = part if isinstance(part, tuple) else (part, part)
        numbers += range(first + 1, last + 2)
    return numbers


GROUPS = {
    "bird": spans((7, 24), (80, 100), (127, 146)),
    "dog": spans((151, 280)),
    "cat": spans((281, 293)),
    "horse": spans(339, 340),
    "hoofed": spans((341, 355)),
    "mammal": spans((101, 106), (147, 150), (294, 299), (330, 338), (356, 388)),
    "animal": spans((0, 6), (25, 79), (107, 126), (300, 329), (389, 397)),
    "car": spans(407, 436, 468, 479, 511, 581, 609, 627, 656, 661, 717, 734, 751, 817),
    "truck": spans(408, 555, 561, 569, 586, 595, 654, 675, 757, 779, 803, 847, 864, 866, 867, 874),
    "train": spans(466, 547, 565, 705, 820, 829),
    "boat": spans(403, 472, 484, 510, 554, 576, 625, 628, 724, 780, 814, 833, 871, 914),
    "aeroplane": spans(404, 405, 895),
    "cycle": spans(444, 603, 612, 665, 670, 671, 690, 870, 880),
    "person": spans((981, 983)),
    "furniture": spans(423, 526, 532, 559, 765, 831, 857),
}


class Names(nn.Module):
    """The encoder's map at 1/32 to the logarithm of each group's probability, brought to about -1..1."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(TAP_CHANNELS[4], FEATURES, 1)
        self.name = nn.Conv2d(FEATURES, NAMES, 1)
        groups = torch.zeros(len(GROUPS), NAMES, 1, 1)
        for row, numbers in zip(groups, GROUPS.values()):
            row[numbers] = 1
        self.register_buffer("groups", groups)
        self.requires_grad_(False)

    def forward(self, coarse):
        # The classifier is used to the mean over a picture: that of nine places is steadier than one.
        features = functional.relu6(self.features(coarse))
        features = functional.avg_pool2d(features, 3, 1, 1, count_include_pad=False)
        shares = functional.conv2d(self.name(features).softmax(1), self.groups)
        return (shares + 1e-3).log() / 3.5 + 1

    def load(self):
        """With the classifier's weights, out of its quantised file."""
        # Needed for this alone, and by nobody who starts from a checkpoint.
        import tflite

        with open(paths.data_path("models", "originals", CLASSIFIER), "rb") as file:
            model = tflite.Model.GetRootAsModel(file.read(), 0)
        layers = iter((self.features, self.name))
        graph = model.Subgraphs(0)
        for number in range(graph.OperatorsLength()):
            inputs = graph.Operators(number).InputsAsNumpy()
            if len(inputs) == 3 and graph.Tensors(inputs[1]).ShapeAsNumpy()[0] in (FEATURES, NAMES):
                layer = next(layers)
                layer.weight.copy_(dequantised(model, graph.Tensors(inputs[1])).permute(0, 3, 1, 2))
                layer.bias.copy_(dequantised(model, graph.Tensors(inputs[2])))
        if next(layers, None) is not None:
            raise SystemExit("%s has not the layers of a classifier" % CLASSIFIER)
        return self


def dequantised(model, tensor):
    import tflite

    kinds = {tflite.TensorType.INT8: torch.int8, tflite.TensorType.INT32: torch.int32}
    raw = torch.frombuffer(bytearray(model.Buffers(tensor.Buffer()).DataAsNumpy()), dtype=kinds[tensor.Type()])
    rule = tensor.Quantization()
    scale = torch.from_numpy(rule.ScaleAsNumpy().copy()).double()
    zero = torch.from_numpy(rule.ZeroPointAsNumpy().copy()).double()
    shape = [int(side) for side in tensor.ShapeAsNumpy()]
    along = [-1] + [1] * (len(shape) - 1)
    return ((raw.view(shape).double() - zero.view(along)) * scale.view(along)).float()
