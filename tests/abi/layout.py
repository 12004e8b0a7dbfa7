#!/usr/bin/env python3
"""Writes a C program that prints size and offsets of every public struct and every enum's number.

layout.py HEADER... : read by meson, which compiles the program; abi/layout.txt holds what it must print.
"""
import re
import sys


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def members(body):
    for line in body.split(";"):
        found = re.search(r"(\w+)\s*(\)\s*\(.*)?(\[[^\]]*\]\s*)*$", line.strip().split(")(")[0], flags=re.S)
        if found:
            yield found.group(1)


def main():
    text = without_comments("".join(open(name, encoding="utf-8").read() for name in sys.argv[1:]))
    print("#include <kb3d/kb3d.h>\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {")
    for body, name in sorted(re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", text, flags=re.S), key=lambda f: f[1]):
        print(f'    printf("{name} %zu\\n", sizeof({name}));')
        for member in members(body):
            print(f'    printf("{name}.{member} %zu\\n", offsetof({name}, {member}));')
    for body in re.findall(r"typedef enum \w+ \{(.*?)\}", text, flags=re.S):
        for value in re.findall(r"\b(KB3D_\w+)\s*=", body):
            print(f'    printf("{value} %d\\n", (int){value});')
    print("    return 0;\n}")


main()
