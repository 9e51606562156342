"""The smallest recipe: learns a straight line. Importable, so that worker processes find it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.synth.splits import Split
from studio.training.recipe import Batch, CardText, Config, Figures, Losses, Plan, Setup, Task

SLOPE = 2.5


@dataclass(frozen=True)
class LineData:
    def __call__(self, index: int) -> Batch:
        generator = torch.Generator().manual_seed(index)
        x = torch.rand(16, 1, generator=generator)
        return {"x": x, "y": SLOPE * x}


class LineTask(Task):
    def __init__(self) -> None:
        super().__init__()
        self.data = LineData()
        self.line = nn.Sequential(nn.Linear(1, 8), nn.Linear(8, 1))
        self.frozen = nn.Linear(1, 1).requires_grad_(False)

    def forward(self, batch: Batch) -> Losses:
        noise = 0.01 * torch.randn_like(batch["x"])
        loss = (self.line(batch["x"] + noise) - batch["y"]).square().mean()
        return {"loss": loss, "double": 2 * loss}

    def validate(self, split: Split) -> Figures:
        x = torch.linspace(0, 1, 9)[:, None].to(next(self.parameters()).device)
        return {"error": float((self.line(x) - SLOPE * x).abs().max()), "split": float(len(split))}

    def samples(self) -> NDArray[np.uint8]:
        return np.full((8, 8, 3), 127, np.uint8)

    def export(self, folder: Path) -> None:
        weights: dict[str, Tensor] = {name: value.half().contiguous() for name, value in self.line.state_dict().items()}
        save_file(weights, folder / "model.safetensors")

    def card(self) -> CardText:
        return CardText(title="A line", purpose="Draws a line.", data="Points of a line.", limits="Bends nothing.")

    def load(self, folder: Path) -> None:
        self.line.load_state_dict(load_file(folder / "model.safetensors"))


class LineRecipe:
    name = "line"
    title = "a straight line"

    def plan(self, config: Config) -> Plan:
        from studio.training.recipe import Better

        rate = 0.02 if config is Config.CPU else 0.01
        return Plan(
            learning_rate=rate,
            warmup_steps=5,
            criterion="error",
            better=Better.LOWER,
            validations=4,
            log_every=10,
            ema=0.9,
        )

    def task(self, setup: Setup) -> Task:
        del setup
        return LineTask()


LINE = LineRecipe()
