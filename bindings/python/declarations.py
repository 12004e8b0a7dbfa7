"""The raw layer: what the public headers declare, in the form that cffi reads, made from the headers themselves."""
import re

# Numbers that sizes and the version check need.
NUMBER = re.compile(r"^#define (KB3D_\w+) (\d+)$", re.MULTILINE)
INCLUDE = re.compile(r"^#include <kb3d/(\w+\.h)>$", re.MULTILINE)


def expanded(folder, name, seen):
    """A header's text behind those that it includes, each once."""
    if name in seen:
        return ""
    seen.add(name)
    text = (folder / name).read_text(encoding="utf-8")
    return "".join(expanded(folder, other, seen) for other in INCLUDE.findall(text)) + text


def declarations(folder):
    """One C declaration a line, and the numbers that the headers define."""
    text = re.sub(r"/\*.*?\*/", "", expanded(folder, "kb3d.h", set()), flags=re.DOTALL)
    numbers = dict(NUMBER.findall(text))
    text = re.sub(r"^#.*(\\\n.*)*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\bKB3D_(API|MUST_USE|BEGIN|END)\b", "", text)
    for name, number in numbers.items():
        text = re.sub(r"\b%s\b" % name, number, text)
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"; (?=typedef|kb3d_|const|void|int|float|uint)(?![^{]*\})", ";\n", text), \
        {name: int(number) for name, number in numbers.items()}


def module(folder):
    return '"""What the headers declare; made by declarations.py."""\n\nDECLARATIONS = """\\\n%s\n"""\n\nNUMBERS = %r\n' \
        % declarations(folder)
