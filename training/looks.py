"""What a painted picture looks like, judged by a network that has learnt to see: our encoder, or a VGG of the user's.

Features and their products: A Neural Algorithm of Artistic Style (Gatys et al., 2015).
"""

import functools

import torch
from torch import nn
from torch.nn import functional

from training.losses import share_of
from training.networks.mobilenet import TAP_CHANNELS, load_imagenet

TAPS = 3


class Vgg(nn.Module):
    """RGB of 0..1 to the maps before the first poolings of any of torchvision's VGG networks, with its names of weights.

    Layers are told by their numbers' gaps: each convolution has a ReLU, with its norm between if it has one; any other
    gap is a pooling.
    """

    MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

    def __init__(self, state):
        super().__init__()
        weights = {key.split(".", 1)[1]: value for key, value in state.items() if key.startswith("features.")}
        layers, pools, number = [], 0, 0
        while pools < TAPS:
            weight = weights.get("%d.weight" % number)
            if weight is None and layers and isinstance(layers[-1], nn.ReLU):
                layers.append(nn.MaxPool2d(2))
                pools += 1
            elif weight is None and layers:
                layers.append(nn.ReLU())
            elif weight is not None and weight.dim() == 4:
                layers.append(nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], padding=1))
            elif weight is not None and layers:
                layers.append(nn.BatchNorm2d(len(weight)))
            else:
                raise ValueError("these are not the weights of a VGG network")
            number += 1
        self.features = nn.Sequential(*layers)
        self.features.load_state_dict({k: v for k, v in weights.items() if int(k.split(".")[0]) < len(layers)})
        for name in ("MEAN", "DEVIATION"):
            self.register_buffer(name.lower(), torch.tensor(getattr(self, name)).view(1, 3, 1, 1))

    def first_maps(self, picture, count):
        x, maps = (picture - self.mean) / self.deviation, []
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                maps.append(x)
            x = layer(x)
        return maps[:count]


@functools.lru_cache(maxsize=None)
def judge(device, weights=None):
    """`weights`: a file of a VGG network's; without one, our encoder judges, never a network that has learnt nothing."""
    if weights:
        try:
            network = Vgg(torch.load(weights, map_location="cpu", weights_only=True))
        except Exception as error:
            raise SystemExit("%s: %s" % (weights, error))
    else:
        network = load_imagenet()
    return network.to(device).eval().requires_grad_(False)


def widths(weights=None):
    """Channels of the judge's maps."""
    if not weights:
        return TAP_CHANNELS[:TAPS]
    layers = judge("cpu", weights).features
    before = [k for k, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d)]
    return tuple([layer.out_channels for layer in layers[:k] if isinstance(layer, nn.Conv2d)][-1] for k in before)


def gram(features, weight):
    flat, weight = (features * weight).flatten(2), weight.flatten(2)
    return flat @ flat.transpose(1, 2) / (weight.square().sum(2, keepdim=True) + 1)


def looks(encoder, painted, truth, weight):
    """Differences of the judge's features in and about the holes, and of what they do together."""
    with torch.no_grad():
        wanted = encoder.first_maps(truth, TAPS)
    perceptual = style = 0
    for own, other in zip(encoder.first_maps(painted, TAPS), wanted):
        own, other = own.float(), other.float()
        spread = other.std((0, 2, 3), keepdim=True) + 0.1
        own, other = own / spread, other / spread
        near = functional.adaptive_max_pool2d(weight, own.shape[2:])
        perceptual = perceptual + share_of((own - other).abs(), near)
        style = style + (gram(own, near) - gram(other, near)).abs().mean()
    return perceptual, style
