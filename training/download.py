"""Fetches large files: what was begun goes on, and every file is checked.

    python -m training.download LIST FOLDER

LIST has a line for each file: its address, and its sha256 where that is known. A file without one is trusted the first
time; FOLDER/sha256 keeps what came, and it is told if that ever changes. The addresses of the 3D Ken Burns data set are
in its README: SCENE-MODE.zip and SCENE-MODE-depth.zip of each scene; training.archives then writes the two CSVs.
"""

import argparse
import hashlib
import os
import posixpath
import sys
import urllib.error
import urllib.parse
import urllib.request

PIECE = 1 << 20
ATTEMPTS = 5


def read_list(path):
    """(address, sha256 or None) of each line."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) > 2 or not words[0].startswith(("http://", "https://")) or not file_name(words[0]):
                raise ValueError("%s: line %d is not an address and perhaps its sha256" % (path, number))
            yield words[0], words[1].lower() if len(words) == 2 else None


def file_name(address):
    return posixpath.basename(urllib.parse.urlparse(address).path)


def digest(path):
    sum_ = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            sum_.update(piece)
    return sum_.hexdigest()


def fetch_rest(address, part, timeout):
    """Appends what is missing to the part; starts anew where the server cannot go on in the middle."""
    have = os.path.getsize(part) if os.path.exists(part) else 0
    request = urllib.request.Request(address, headers={"Range": "bytes=%d-" % have} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        # Nothing is missing.
        if error.code == 416 and have:
            return
        raise
    with answer, open(part, "ab" if answer.status == 206 else "wb") as file:
        expected = answer.headers.get("Content-Length")
        count = 0
        for piece in iter(lambda: answer.read(PIECE), b""):
            file.write(piece)
            count += len(piece)
    if expected is not None and count < int(expected):
        raise OSError("the connection ended early")


def fetch(address, path, sha256, timeout=60):
    """The file at `path`, whole and checked; returns its sha256."""
    part = path + ".part"
    if not os.path.exists(path):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                fetch_rest(address, part, timeout)
                break
            except OSError as error:
                lasting = isinstance(error, urllib.error.HTTPError) and error.code < 500
                if lasting or attempt == ATTEMPTS:
                    raise OSError("%s: %s" % (address, error))
    found = digest(path if os.path.exists(path) else part)
    if sha256 and found != sha256:
        if os.path.exists(part):
            os.remove(part)
        raise OSError("%s: its sha256 is %s, not %s" % (path, found, sha256))
    if os.path.exists(part):
        os.replace(part, path)
    return found


def read_known(folder):
    try:
        with open(os.path.join(folder, "sha256"), encoding="utf-8") as file:
            return {name: sum_ for sum_, name in (line.split() for line in file)}
    except FileNotFoundError:
        return {}


def fetch_all(list_path, folder):
    os.makedirs(folder, exist_ok=True)
    known = read_known(folder)
    for address, sha256 in read_list(list_path):
        name = file_name(address)
        found = fetch(address, os.path.join(folder, name), sha256 or known.get(name))
        if name not in known:
            with open(os.path.join(folder, "sha256"), "a", encoding="utf-8") as file:
                file.write("%s  %s\n" % (found, name))
        print(name, found, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list")
    parser.add_argument("folder")
    arguments = parser.parse_args()
    try:
        fetch_all(arguments.list, arguments.folder)
    except (OSError, ValueError) as error:
        sys.exit("download: %s" % error)


if __name__ == "__main__":
    main()
