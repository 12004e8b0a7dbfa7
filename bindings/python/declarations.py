"""The raw layer: what the public headers declare, in the form that cffi reads, made from the headers themselves.

And how the command writes videos, from tools/io/kinds.h, with the palette of its GIFs.
"""
import json
import re

# Numbers that sizes and the version check need.
NUMBER = re.compile(r"^#define (KB3D_\w+) (\d+)$", re.MULTILINE)
INCLUDE = re.compile(r"^#include <kb3d/(\w+\.h)>$", re.MULTILINE)
VIDEO_KIND = re.compile(r"^ +KIND\((.*)\)", re.MULTILINE)  # its arguments are JSON as well
VIDEO_COLORS = re.compile(r'"(color_range=.*)"')


def expanded(folder, name, seen):
    """A header's text behind those that it includes, each once."""
    if name in seen:
        return ""
    seen.add(name)
    text = (folder / name).read_text(encoding="utf-8")
    return "".join(expanded(folder, other, seen) for other in INCLUDE.findall(text)) + text


def declarations(text):
    """One C declaration a line, and the numbers that the text defines."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    numbers = dict(NUMBER.findall(text))
    text = re.sub(r"^#.*(\\\n.*)*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\bKB3D_(API|MUST_USE|BEGIN|END)\b", "", text)
    for name, number in numbers.items():
        text = re.sub(r"\b%s\b" % name, number, text)
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"; (?=typedef|kb3d_|const|void|int|float|uint)(?![^{]*\})", ";\n", text), \
        {name: int(number) for name, number in numbers.items()}


def module(root):
    """The text of _declarations.py, from libkb3d's sources."""
    raw, numbers = declarations(expanded(root / "include/kb3d", "kb3d.h", set()))
    palette, _ = declarations((root / "tools/io/palette.h").read_text(encoding="utf-8"))
    kinds = (root / "tools/io/kinds.h").read_text(encoding="utf-8")
    return '"""What the headers declare; made by declarations.py."""\n\nDECLARATIONS = """\\\n%s\n"""\n\n' \
        'PALETTE = """\\\n%s\n"""\n\nNUMBERS = %r\nVIDEO_COLORS = %r\nVIDEO_KINDS = %r\n' % (
            raw, palette, numbers, VIDEO_COLORS.search(kinds).group(1),
            [tuple(json.loads("[%s]" % row)) for row in VIDEO_KIND.findall(kinds)])
