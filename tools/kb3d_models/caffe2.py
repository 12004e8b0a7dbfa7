"""Networks of Caffe2 in eight bits: the operators of a file, and a network that answers as they would in floats.

Each map has a scale and a zero point, so it can hold no more than (0 .. 255 - zero point) x scale: that is its ReLU,
and its limit; the rounding to steps is left out.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional

from .errors import Refused
from .protobuf import fields, number_of, packed

# Of NetDef, OperatorDef and Argument in Caffe2's schema.
NET_OPERATOR, NET_INPUT, NET_OUTPUT = 2, 7, 8
INPUT, OUTPUT, TYPE, ARGUMENT = 1, 2, 4, 5
NAME, FLOAT, WHOLE, BYTES, WHOLES = 1, 2, 3, 4, 6


@dataclass
class Operator:
    type: str = ""
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    arguments: dict = field(default_factory=dict)

    def get(self, name, missing=None):
        value = self.arguments.get(name, missing)
        if value is None:
            raise Refused("%s has no %s" % (self.type, name))
        return value


def text(value):
    return value.decode("utf-8", "replace")


def read_argument(data):
    name, value = "", None
    for number, kind, part in fields(data):
        if number == NAME:
            name = text(part)
        elif number in (FLOAT, WHOLE):
            value = number_of(kind, part)
        elif number == BYTES:
            value = part
        elif number == WHOLES:
            value = (value or []) + packed(kind, part)
    return name, value


def read_operator(data):
    operator = Operator()
    for number, _, part in fields(data):
        if number == INPUT:
            operator.inputs.append(text(part))
        elif number == OUTPUT:
            operator.outputs.append(text(part))
        elif number == TYPE:
            operator.type = text(part)
        elif number == ARGUMENT:
            name, value = read_argument(part)
            operator.arguments[name] = value
    if not operator.outputs:
        raise Refused("an operator has no output")
    return operator


def read_net(path):
    """Operators, names of what goes in, and names of what comes out."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        parts = list(fields(data))
        operators = [read_operator(part) for number, _, part in parts if number == NET_OPERATOR]
    except (Refused, TypeError) as error:
        raise Refused("%s: %s" % (path, error)) from error
    inputs = [text(part) for number, _, part in parts if number == NET_INPUT]
    outputs = [text(part) for number, _, part in parts if number == NET_OUTPUT]
    if not operators:
        raise Refused("%s: it has no operators of Caffe2" % path)
    return operators, inputs, outputs


def constants(operators):
    """Name to floats, in the order of PyTorch: weights lie as output, row, column, input."""
    kinds = {"Int8GivenTensorFill": torch.uint8, "Int8GivenIntTensorFill": torch.int32}
    values = {}
    for operator in operators:
        if operator.type not in kinds:
            raise Refused("%s, among the weights, is not known" % operator.type)
        given, shape = operator.get("values"), operator.get("shape")
        if math.prod(shape) != len(given):
            raise Refused("%s: %d values are not %s" % (operator.outputs[0], len(given), shape))
        given = torch.tensor(list(given), dtype=torch.int32).view(shape)
        value = (given - operator.get("Y_zero_point")).double() * operator.get("Y_scale")
        values[operator.outputs[0]] = (value.permute(0, 3, 1, 2) if value.dim() == 4 else value).float().contiguous()
    return values


class Caffe2Network(nn.Module):
    """1 x C x H x W in and out. Operators run in their order; `layers` holds the convolutions by place."""

    def __init__(self, operators, values, given, wanted):
        super().__init__()
        self.given, self.wanted = given, wanted
        self.operators, self.layers = operators, nn.ModuleList()
        for operator in operators:
            if operator.type == "Int8Conv":
                operator.layer = len(self.layers)
                self.layers.append(new_convolution(operator, values))
            elif operator.type not in ("Int8Add", "Int8ResizeNearest", "NCHW2NHWC", "Int8Quantize", "Int8Dequantize"):
                raise Refused("the operator %s is not known" % operator.type)

    def step(self, operator, inputs):
        if operator.type == "Int8Conv":
            x = self.layers[operator.layer](inputs[0])
        elif operator.type == "Int8Add":
            x = inputs[0] + inputs[1]
        elif operator.type == "Int8ResizeNearest":
            scales = operator.get("height_scale"), operator.get("width_scale")
            return functional.interpolate(inputs[0], scale_factor=scales, mode="nearest")
        else:
            return inputs[0]
        scale, zero = operator.get("Y_scale"), operator.get("Y_zero_point")
        return x.clamp((0 - zero) * scale, (255 - zero) * scale)

    def forward(self, x):
        maps = {self.given: x}
        for operator in self.operators:
            try:
                inputs = [maps[name] for name in operator.inputs[: 2 if operator.type == "Int8Add" else 1]]
            except KeyError as error:
                raise Refused("%s is used before it is made" % error) from error
            maps[operator.outputs[0]] = self.step(operator, inputs)
        return maps[self.wanted]


def new_convolution(operator, values):
    _, weight_name, bias_name = operator.inputs
    if weight_name not in values or bias_name not in values:
        raise Refused("%s or %s is not among the weights" % (weight_name, bias_name))
    weight, bias, groups = values[weight_name], values[bias_name], operator.get("group", 1)
    pads = operator.get("pads", [0, 0, 0, 0])
    if pads[0] != pads[2] or pads[1] != pads[3]:
        raise Refused("a convolution that pads unevenly is not known")
    layer = nn.Conv2d(
        weight.shape[1] * groups, weight.shape[0], tuple(weight.shape[2:]), tuple(operator.get("strides", [1, 1])),
        tuple(pads[:2]), tuple(operator.get("dilations", [1, 1])), groups,
    )
    layer.weight.data, layer.bias.data = weight, bias
    return layer


def read_network(net_path, weights_path):
    operators, inputs, outputs = read_net(net_path)
    fills, _, _ = read_net(weights_path)
    try:
        values = constants(fills)
        given = next(name for name in inputs if name not in values)
        return Caffe2Network(operators, values, given, outputs[0])
    except Refused as error:
        raise Refused("%s: %s" % (net_path, error)) from error
    except (StopIteration, IndexError, ValueError, TypeError) as error:
        raise Refused("%s: it does not fit to %s" % (net_path, weights_path)) from error
