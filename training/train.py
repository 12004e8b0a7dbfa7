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
from training.paths import write_whole
from training.tasks import TASKS


def load_config(path, changes):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    for change in changes:
        name, _, value = change.partition("=")
        if name not in config:
            raise SystemExit("the configuration has no %s" % name)
        try:
            config[name] = json.loads(value)
        except ValueError:
            config[name] = value
    return config


def rate_at(step, config):
    """A short rise, then a cosine down to a hundredth."""
    rise = min(1.0, (step + 1) / config["warm_steps"])
    return rise * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / config["steps"]))))


class Trainer:
    def __init__(self, config, folder):
        self.config, self.folder = config, folder
        self.device = torch.device(config["device"])
        self.task = TASKS[config["task"]]
        torch.manual_seed(config["seed"])
        self.network = self.task.new_network(config)
        if config["start_from"]:
            self.network.load_state_dict(torch.load(config["start_from"], map_location="cpu")["average"])
        self.network.to(self.device, memory_format=torch.channels_last)
        groups = self.network.groups(config["rate"], config["encoder_rate"])
        self.optimizer = torch.optim.AdamW(groups, weight_decay=1e-4, betas=(0.9, 0.99))
        self.rates = [group["lr"] for group in groups]
        self.average = MovingAverage(self.network, config["average_decay"])
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
        }
        write_whole(self.checkpoint_path(), lambda part: torch.save(state, part))

    def resume(self):
        if not os.path.exists(self.checkpoint_path()):
            return
        state = torch.load(self.checkpoint_path(), map_location=self.device)
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def shares(self):
        """A gradient term waits until the layout stands."""
        config = self.config
        grown = min(1.0, 0.2 + 1.2 * self.step / config["steps"])
        return {name: share * (grown if name == "gradient" else 1) for name, share in config["loss"].items()}

    def learn(self, batch):
        """One step; returns the parts of the loss as numbers."""
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * rate_at(self.step, self.config)
        batch = {name: values.to(self.device, non_blocking=True) for name, values in batch.items()}
        batch["picture"] = batch["picture"].contiguous(memory_format=torch.channels_last)
        generator = torch.Generator().manual_seed(self.config["seed"] * 1000003 + self.step)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["half_precision"]):
            loss, parts = self.task.loss(self.network, batch, self.shares(), generator)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.average.update(self.network, self.step)
        self.step += 1
        return dict({name: value.item() for name, value in parts.items()}, loss=loss.item())

    def run(self, until):
        config = self.config
        started = time.monotonic() - self.seconds
        sums, count = {}, 0
        self.network.train()
        for batch in make_loader(config, self.task.new_sources(config), self.step):
            if self.step >= until:
                break
            for name, value in self.learn(batch).items():
                sums[name] = sums.get(name, 0.0) + value
            count += 1
            self.seconds = time.monotonic() - started
            is_last = self.step == config["steps"]
            if self.step % config["save_every"] == 0 or is_last:
                self.save()
            if self.step % config["evaluate_every"] == 0 or is_last:
                self.report({name: value / count for name, value in sums.items()})
                sums, count = {}, 0

    def report(self, means):
        # Made when first asked: it renders scenes, and short runs ask once.
        self.validation = self.validation or self.task.new_validation(self.device)
        figures, line = self.validation.score(self.average.network)
        row = {"step": self.step, "minutes": self.seconds / 60, **means, **dict(zip(self.task.FIGURES, figures))}
        columns = ("step", "minutes", "loss", *self.task.TERMS, *self.task.FIGURES)
        path = os.path.join(self.folder, "metrics.csv")
        is_new = not os.path.exists(path)
        with open(path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            if is_new:
                writer.writeheader()
            writer.writerow({name: "%.4g" % row[name] if name != "step" else row[name] for name in columns})
        print("step %d  %.1f min  loss %.3f  %s" % (self.step, self.seconds / 60, means["loss"], line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("folder")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change one entry")
    parser.add_argument("--until", type=int, help="stop after this step")
    arguments = parser.parse_args()
    config = load_config(arguments.config, arguments.set)
    os.makedirs(arguments.folder, exist_ok=True)
    if config["threads"]:
        torch.set_num_threads(config["threads"])
    torch.set_flush_denormal(True)
    trainer = Trainer(config, arguments.folder)
    trainer.resume()
    trainer.run(arguments.until or config["steps"])


if __name__ == "__main__":
    main()
