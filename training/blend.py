"""Blends the averaged weights of two checkpoints of one lineage: what the later has learnt, with less of its drift.

    python -m training.blend FIRST.pt SECOND.pt OUT.pt [--share 0.5]

Wortsman et al., Model soups, 2022. OUT is a checkpoint for evaluation and export; training cannot go on from its optimizer.
"""

import argparse

import torch


def blend(first, second, share):
    """State dictionaries; `share` of the second."""
    mixed = {}
    for name, value in first.items():
        other = second[name]
        mixed[name] = value.lerp(other, share) if value.dtype.is_floating_point else other
    return mixed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("out")
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    arguments = parser.parse_args()
    first, second = (torch.load(path, map_location="cpu") for path in (arguments.first, arguments.second))
    average = blend(first["average"], second["average"], arguments.share)
    torch.save({"average": average, "config": second["config"]}, arguments.out)


if __name__ == "__main__":
    main()
