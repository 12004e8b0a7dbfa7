"""Fields of a protocol buffer message, without its schema: numbers, and bytes that may be messages again."""

import struct

from .errors import Refused

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5


def varint(data, at):
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise Refused("it is no protocol buffer, or is cut off")


def fields(data):
    """Number, kind and value of each field, in their order."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = varint(data, at)
        elif kind in (EIGHT, FOUR, BYTES):
            count = {EIGHT: 8, FOUR: 4}.get(kind)
            if count is None:
                count, at = varint(data, at)
            value, at = data[at : at + count], at + count
            if len(value) != count:
                raise Refused("it is cut off")
        else:
            raise Refused("it is no protocol buffer")
        yield number, kind, value


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def number_of(kind, value):
    """A float of four bytes, or a whole number."""
    if kind == FOUR:
        return struct.unpack("<f", value)[0]
    if kind != VARINT:
        raise Refused("it has bytes where a number is needed")
    return signed(value)


def packed(kind, value):
    """A repeated whole number: one of many fields, or all in one."""
    if kind == VARINT:
        return [signed(value)]
    values, at = [], 0
    while at < len(value):
        one, at = varint(value, at)
        values.append(signed(one))
    return values
