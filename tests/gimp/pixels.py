"""Pictures in and out for the tests of the plug-in."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

from files import read_pfm, read_png


def read_ppm(path):
    """(width, height, samples) of a binary PPM or PGM of 8 bit, as GIMP writes it; three samples a pixel."""
    data = open(path, "rb").read()
    words, at = [], 0
    while len(words) < 4:
        end = at
        while data[end:end + 1] not in b" \n\t\r":
            end += 1
        if data[at:at + 1] == b"#":
            at = data.index(b"\n", at) + 1
            continue
        if end > at:
            words.append(data[at:end])
        at = end + 1
    width, height, most = map(int, words[1:])
    assert most == 255 and len(data) - at == width * height * (3 if words[0] == b"P6" else 1), path
    return width, height, [s for s in data[at:] for _ in range(1 if words[0] == b"P6" else 3)]


def read_frame(path):
    """The same of a PNG of the command."""
    width, height, samples, rows = read_png(path)
    return width, height, [s for row in rows for s in row]


def compare(got, want):
    """(largest, mean) difference in steps of 8 bit."""
    assert got[:2] == want[:2] and len(got[2]) == len(want[2]), (got[:2], want[:2])
    differences = [abs(a - b) for a, b in zip(got[2], want[2])]
    return max(differences), sum(differences) / len(differences)


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)
    return path


def wide_profile():
    """An ICC profile with the primaries of Adobe RGB, adapted to D50, and a gamma of 2.2."""
    def xyz(*values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))
    name = b"wide gamut for a test\0"
    description = (b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(8 + 2 + 1 + 67))
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256))
    tags = [(b"desc", description), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(0.9642, 1, 0.8249)),
            (b"rXYZ", xyz(0.60974, 0.31111, 0.01947)), (b"gXYZ", xyz(0.20528, 0.62567, 0.06087)),
            (b"bXYZ", xyz(0.14919, 0.06322, 0.74457)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags:
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s12s4s", start + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ",
                         struct.pack(">6H", 2025, 1, 1, 0, 0, 0), b"acsp") + bytes(28)
    header += struct.pack(">3i", round(0.9642 * 65536), 65536, round(0.8249 * 65536)) + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + body


def srgb_from_wide(stored):
    """A colour of that profile in sRGB, all in steps of 8 bit; by the primaries' matrices for D65."""
    r, g, b = ((v / 255) ** 2.19921875 for v in stored)
    linear = (1.39836 * r - 0.39836 * g, g, -0.04293 * g + 1.04293 * b)
    return tuple(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) for v in linear)
