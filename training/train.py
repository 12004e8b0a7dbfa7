"""Trains a network from a configuration, and goes on where it was stopped.

    python -m training.train CONFIG.json FOLDER [--set NAME=VALUE ...] [--until STEP]

CONFIG names the task (tasks/). FOLDER gets last.pt (all that is needed to go on) and metrics.csv, with the loss and the
evaluation every few hundred steps. The same configuration gives the same weights on one machine, stopped and resumed
or not, with any number of workers.
"""

import argparse
import csv
import json
import math
import os
import time

import torch

from training.averaging import MovingAverage
from training.data import make_loader
from training.networks import groups
from training.networks.restored import load_weights
from training.paths import write_whole
from training.rival import Rival
from training.tasks import TASKS

# Entries that a configuration may leave out. `gamma`: the rate's factor from step to step, in place of its cosine;
# `rival`: how a network learns that tells painted pictures from real ones (rival.py).
DEFAULTS = {
    "gamma": None, "weight_decay": 1e-4, "betas": [0.9, 0.99], "clip": 5.0, "rival": None, "evaluate_first": False
}


def load_config(path, changes):
    with open(path, encoding="utf-8") as file:
        config = {**DEFAULTS, **json.load(file)}
    change(config, changes)
    return config


def change(config, changes):
    for text in changes:
        name, _, value = text.partition("=")
        if name not in config:
            raise SystemExit("the configuration has no %s" % name)
        try:
            config[name] = json.loads(value)
        except ValueError:
            config[name] = value


def rate_at(step, config):
    """A short rise, then a cosine down to a hundredth, or slowly down for ever."""
    rise = min(1.0, (step + 1) / config["warm_steps"])
    if config["gamma"]:
        return rise * config["gamma"] ** step
    return rise * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / config["steps"]))))


class Trainer:
    def __init__(self, config, folder):
        self.config, self.folder = {**DEFAULTS, **config}, folder
        config = self.config
        self.device = torch.device(config["device"])
        self.task = TASKS[config["task"]]
        torch.manual_seed(config["seed"])
        self.network = self.task.new_network(config)
        if config["start_from"]:
            load_weights(self.network, config["start_from"])
        self.network.to(self.device, memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(
            groups(self.network, config), weight_decay=config["weight_decay"], betas=config["betas"]
        )
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.average = MovingAverage(self.network, config["average_decay"])
        self.rival = Rival(config, self.task.paint, self.device) if config["rival"] else None
        self.step, self.seconds = 0, 0.0
        self.validation = None

    def checkpoint_path(self):
        return os.path.join(self.folder, "last.pt")

    def save(self):
        state = {
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "config": self.config,
            "rival": self.rival and self.rival.state_dict(),
        }
        write_whole(self.checkpoint_path(), lambda part: torch.save(state, part))

    def resume(self):
        if not os.path.exists(self.checkpoint_path()):
            return
        state = torch.load(self.checkpoint_path(), map_location=self.device)
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.rival:
            self.rival.load_state_dict(state["rival"])
        self.step, self.seconds = state["step"], state["seconds"]

    def shares(self):
        """A gradient term waits until the layout stands; others go from a first share to a last one, at a rate."""
        grown = min(1.0, 0.2 + 1.2 * self.step / self.config["steps"])

        def now(name, share):
            if isinstance(share, list):
                first, last, rate = share
                return last + (first - last) * math.exp(-rate * self.step)
            return share * (grown if name == "gradient" else 1)

        return {name: now(name, share) for name, share in self.config["loss"].items()}

    def learn(self, batch):
        """One step; returns the parts of the loss as numbers."""
        batch = {name: values.to(self.device, non_blocking=True) for name, values in batch.items()}
        batch["picture"] = batch["picture"].contiguous(memory_format=torch.channels_last)
        factor = rate_at(self.step, self.config)
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * factor
        parts = self.rival.learn(self.network, batch, factor) if self.rival else {}
        if not self.rival or self.rival.lets_learn(self.step):
            parts.update(self.learn_network(batch))
        self.step += 1
        return {name: value.item() for name, value in parts.items()}

    def learn_network(self, batch):
        self.generator = torch.Generator().manual_seed(self.config["seed"] * 1000003 + self.step)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["half_precision"]):
            loss, parts = self.task.loss(self.network, batch, self.shares(), self)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config["clip"])
        self.optimizer.step()
        self.average.update(self.network, self.step)
        return dict(parts, loss=loss)

    def run(self, until):
        config = self.config
        started = time.monotonic() - self.seconds
        found = {}
        if self.step == 0 and config["evaluate_first"]:
            self.report({})
        self.network.train()
        for batch in make_loader(config, self.task.new_sources(config), self.step):
            if self.step >= until:
                break
            for name, value in self.learn(batch).items():
                found.setdefault(name, []).append(value)
            self.seconds = time.monotonic() - started
            is_last = self.step == config["steps"]
            if self.step % config["save_every"] == 0 or is_last:
                self.save()
            if self.step % config["evaluate_every"] == 0 or is_last:
                self.report({name: sum(values) / len(values) for name, values in found.items()})
                found = {}

    def report(self, means):
        # Made when first asked: it renders scenes, and short runs ask once.
        self.validation = self.validation or self.task.new_validation(self.config, self.device)
        figures, line = self.validation.score(self.average.network)
        row = {"step": self.step, "minutes": self.seconds / 60, **means, **dict(zip(self.task.FIGURES, figures))}
        rival = ("rival",) if self.rival else ()
        columns = ("step", "minutes", "loss", *self.config["loss"], *rival, *self.task.FIGURES)
        path = os.path.join(self.folder, "metrics.csv")
        is_new = not os.path.exists(path)
        with open(path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            if is_new:
                writer.writeheader()
            known = [name for name in columns if name in row]
            writer.writerow({name: "%.4g" % row[name] if name != "step" else row[name] for name in known})
        loss = "loss %.3f" % means["loss"] if "loss" in means else "no loss yet"
        print("step %d  %.1f min  %s  %s" % (self.step, self.seconds / 60, loss, line), flush=True)


def run(config, folder, until):
    os.makedirs(folder, exist_ok=True)
    if config["threads"]:
        torch.set_num_threads(config["threads"])
    torch.set_flush_denormal(True)
    trainer = Trainer(config, folder)
    trainer.resume()
    trainer.run(until)
    return trainer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("folder")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change one entry")
    parser.add_argument("--until", type=int, help="stop after this step")
    arguments = parser.parse_args()
    config = load_config(arguments.config, arguments.set)
    run(config, arguments.folder, arguments.until or config["steps"])


if __name__ == "__main__":
    main()
