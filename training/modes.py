"""Trains a published network by the options of Improved 3D Ken Burns' train.py.

    python -m training.modes --training-mode inpainting --dataset ../nyu,512,74 --batch-size 2 --save-name test

The options make a configuration out of configs/MODE.json, for the one loop of training.train: FOLDER/MODE-NAME gets its
files, FOLDER/MODE-NAME.tar the weights by their published names. Called again it goes on where it was stopped.
"""

import argparse
import math
import os
import sys

import torch

from training import train
from training.depth_files import BadFile
from training.networks.restored import published_part, read_weights
from training.paths import HERE, write_whole
from training.sources import open_data, split

MODES = ("estimation", "refinement", "inpainting", "inpainting_ref")
RATES = dict(zip(MODES, ("lr_estimation", "lr_refinement", "lr_inpaint", "lr_inpaint")))


def parse_dataset(text):
    """A CSV of archives, or PATH,FOCAL,BASELINE[,DEPTH], a folder of pictures and one of depth."""
    if text.endswith(".csv"):
        return {"kind": "archives", "path": text}
    path, *numbers = text.split(",")
    try:
        focal, baseline = map(float, numbers[:2])
    except ValueError:
        raise argparse.ArgumentTypeError("%s is neither a CSV nor PATH,FOCAL,BASELINE[,DEPTH]" % text)
    depth = numbers[2] if len(numbers) > 2 else "depth"
    return {"kind": "folder", "path": path, "focal": focal, "baseline": baseline, "depth": depth}


def make_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--training-mode", choices=MODES, default="estimation")
    add("--dataset", type=parse_dataset, action="append", metavar="DATA", help=parse_dataset.__doc__)
    add("--mask-loss", choices=("none", "same", "other"), default="none",
        help="estimation: objects of one distance, in the depth data or in other pictures")
    add("--mask-loss-dataset", metavar="PATH", help="folder of pictures, for --mask-loss other")
    add("--n-epochs", type=int, default=100)
    add("--lr-estimation", type=float, help="learning rate [1e-4]")
    add("--lr-refinement", type=float, help="learning rate [1e-5]")
    add("--lr-inpaint", type=float, help="learning rate [1e-4]")
    add("--lr-discriminator", type=float, help="learning rate of the rival [5e-5]")
    add("--gamma-lr", type=float, help="the rates' factor from step to step [0.99999]")
    add("--batch-size", type=int, help="[8, refinement 2]")
    add("--save-name", default="3dkbe")
    add("--model-path", metavar="WEIGHTS",
        help="what to go on from; for refinement also the estimation network whose answers are refined")
    add("--partial-conv", action="store_true", help="inpainting by partial convolutions")
    add("--folder", default="../kb3d-runs", help="for what it writes [%(default)s]")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="change any other entry")
    return parser


def make_config(options):
    mode = options.training_mode
    config = train.load_config(os.path.join(HERE, "configs", mode + ".json"), [])
    if options.dataset:
        config["data"] = {"data%d" % number: spec for number, spec in enumerate(options.dataset)}
        if mode == "inpainting":
            # Pairs of corner views have truth for every hole; a single picture is moved away and back.
            kinds = {spec["kind"] for spec in options.dataset}
            config["views"] = "corners" if kinds == {"archives"} else "moved"
    entries = {"rate": getattr(options, RATES[mode]), "gamma": options.gamma_lr, "batch_size": options.batch_size}
    config.update({name: value for name, value in entries.items() if value is not None})
    if options.lr_discriminator is not None and config["rival"]:
        config["rival"] = {**config["rival"], "rate": options.lr_discriminator}
    if options.partial_conv and mode.startswith("inpainting"):
        config["network"] = "partial_inpaint"
    add_mask_loss(config, options)
    add_weights(config, options.model_path)
    return config


def add_mask_loss(config, options):
    if options.mask_loss == "none" or config["task"] != "estimation":
        return
    config["mask_loss"] = options.mask_loss
    config["loss"] = {**config["loss"], "mask": [0.0, 1e-4, 0.015]}
    if options.mask_loss == "other":
        if not options.mask_loss_dataset:
            raise SystemExit("--mask-loss other needs --mask-loss-dataset")
        config["data"] = {**config["data"], "other": {"kind": "pictures", "path": options.mask_loss_dataset}}


def add_weights(config, path):
    if not path:
        return
    is_estimation = any("moduleSemantics" in name for name in read_weights(path))
    entry = "estimator" if is_estimation and config["task"] == "refinement" else "start_from"
    config[entry] = path


def add_lengths(config, epochs):
    """How often each data set is drawn, and how many steps that makes: each sample is seen once an epoch, on average."""
    counts = {name: len(split(source, config["held_out"])[0]) for name, source in open_data(config).items()}
    other = counts.pop("other", 0)
    learnt = sum(counts.values())
    config["shares"] = {name: count / learnt for name, count in counts.items()}
    if other:
        # As many of the pictures without depth as of those with it.
        config["shares"]["other"] = 1.0
    config["steps"] = math.ceil(epochs * learnt * (2 if other else 1) / config["batch_size"])


def save_published(trainer, path):
    weights = published_part(trainer.average.network).state_dict()
    state = {"nb_iter": trainer.step, "model_state_dict": weights}
    write_whole(path, lambda part: torch.save(state, part))


def main():
    options = make_parser().parse_args()
    try:
        config = make_config(options)
        add_lengths(config, options.n_epochs)
        train.change(config, options.set)
        stem = os.path.join(options.folder, "%s-%s" % (options.training_mode, options.save_name))
        save_published(train.run(config, stem, config["steps"]), stem + ".tar")
    except BadFile as error:
        sys.exit("modes: %s" % error)


if __name__ == "__main__":
    main()
