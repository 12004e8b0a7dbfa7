"""Pictures and depth maps for the tests, good and bad, and a reader for what comes out. Standard library only."""
import struct
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}


def png(width, height, color, depth=8, pixel=None, extra=b"", stream=None):
    """pixel(x, y) answers a tuple of samples; a header of any size may come with any IDAT stream."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    if stream is None:
        rows = bytearray()
        for y in range(height):
            rows.append(0)
            for x in range(width):
                for sample in pixel(x, y):
                    rows += sample.to_bytes(depth // 8, "big")
        stream = zlib.compress(bytes(rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", stream) + chunk(b"IEND", b""))


def read_png(path):
    """(width, height, samples a pixel, rows of sample lists) of an 8 or 16 bit PNG that is not interlaced."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, stream = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body), "CRC"
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            stream += body
        at += 12 + length
    size = SAMPLES[color] * depth // 8
    raw, rows, above = zlib.decompress(stream), [], bytes(width * size)
    for y in range(height):
        start = y * (width * size + 1)
        above = unfilter(raw[start], raw[start + 1:start + 1 + width * size], above, size)
        rows.append(list(above) if depth == 8 else list(struct.unpack(">%dH" % (len(above) // 2), above)))
    return width, height, SAMPLES[color], rows


def unfilter(kind, line, above, size):
    line = bytearray(line)
    for i, value in enumerate(line):
        a = line[i - size] if i >= size else 0
        b = above[i]
        c = above[i - size] if i >= size else 0
        p = a + b - c
        paeth = min((a, b, c), key=lambda v: abs(p - v))
        line[i] = (value + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
    return bytes(line)


def segment(marker, data):
    return struct.pack(">BBH", 255, marker, len(data) + 2) + data


def exif(orientation):
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4))


def jpeg(blocks, extra=b"", size=None, tables=None):
    """A baseline JPEG of flat 8x8 blocks; blocks[row][column] is a tuple of 1, 3 or 4 samples of 0..255."""
    count = len(blocks[0][0])
    height, width = size or (8 * len(blocks), 8 * len(blocks[0]))
    frame = struct.pack(">BHHB", 8, height, width, count) + b"".join(bytes((i + 1, 0x11, 0)) for i in range(count))
    counts = [0] * 16
    counts[3] = 12  # one code of four bits for each size of a DC difference
    dc = bytes([0x00] + counts) + bytes(range(12))
    ac = bytes([0x10, 1] + [0] * 15 + [0])  # the end of a block alone, in one bit
    scan = bytes([count]) + b"".join(bytes((i + 1, 0)) for i in range(count)) + bytes((0, 63, 0))
    return (b"\xff\xd8" + extra + segment(0xDB, bytes([0] + [1] * 64)) + segment(0xC0, frame) +
            segment(0xC4, tables or dc + ac) + segment(0xDA, scan) + entropy(blocks, count) + b"\xff\xd9")


def entropy(blocks, count):
    bits, before = "", [0] * count
    for row in blocks:
        for block in row:
            for i in range(count):
                level = (block[i] - 128) * 8
                difference = level - before[i]
                before[i] = level
                length = abs(difference).bit_length()
                value = difference if difference >= 0 else difference + (1 << length) - 1
                bits += format(length, "04b") + (format(value, "0%db" % length) if length else "") + "0"
    bits += "1" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")


def ppm(width, height, pixel):
    return b"P6\n%d %d\n255\n" % (width, height) + bytes(s for y in range(height) for x in range(width)
                                                         for s in pixel(x, y))


def pgm(width, height, value):
    return b"P5\n%d %d\n255\n" % (width, height) + bytes(value(x, y) for y in range(height) for x in range(width))


def bmp(width, height, pixel):
    stride = (width * 3 + 3) & ~3
    rows = b"".join(b"".join(bytes(pixel(x, y)[::-1]) for x in range(width)).ljust(stride, b"\0")
                    for y in reversed(range(height)))
    return (struct.pack("<2sIHHI", b"BM", 54 + len(rows), 0, 0, 54) +
            struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(rows), 2835, 2835, 0, 0) + rows)


def tga(width, height, pixel):
    rows = b"".join(bytes(pixel(x, y)[::-1]) for y in range(height) for x in range(width))
    return struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, width, height, 24, 0x20) + rows


def pfm(width, height, value):
    return b"Pf\n%d %d\n-1.0\n" % (width, height) + b"".join(
        struct.pack("<f", value(x, y)) for y in reversed(range(height)) for x in range(width))


def read_pfm(path):
    data = open(path, "rb").read()
    kind, size, scale, body = data.split(b"\n", 3)
    width, height = map(int, size.split())
    assert kind == b"Pf" and float(scale) == -1 and len(body) == width * height * 4, path
    values = struct.unpack("<%df" % (width * height), body)
    return width, height, [values[y * width:(y + 1) * width] for y in reversed(range(height))]
