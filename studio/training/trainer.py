"""The training loop, for every recipe.

A run depends on its recipe, configuration, seed and budget alone: batch n is batch n whoever makes it, and step n draws
the same random numbers whether or not the run was stopped before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import broadcast
from PIL import Image
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.synth.dice import derived_seed
from studio.synth.splits import Split
from studio.training import checkpoint
from studio.training.batches import batches
from studio.training.checkpoint import Identity, Progress, State
from studio.training.choices import Config, DeviceChoice, Precision
from studio.training.device import on_cpu, use_bf16
from studio.training.ema import Average, put, trained
from studio.training.recipe import Batch, Better, Losses, Plan, Recipe, Setup, Task
from studio.training.run import RunFolder
from studio.training.schedule import Budget, rate_factor

BAD_STEPS = 25
"""Steps in a row whose gradients are not finite, after which a run gives up."""

Tell = Callable[[str, float | None], None]
"""Called with what is being done and the fraction of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run a recipe.

    Args:
        out: the run's folder.
        workers: processes that make data; None takes the plan's.
        checkpoint_s: seconds between checkpoints.
        fresh: begin anew even where the folder holds a checkpoint.
    """

    out: Path
    cache_dir: Path
    models_dir: Path
    budget: Budget
    config: Config = Config.CPU
    device: DeviceChoice = DeviceChoice.AUTO
    seed: int = 0
    workers: int | None = None
    precision: Precision = Precision.AUTO
    checkpoint_s: float = 60.0
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run: the task holds the best weights, on the processor, in evaluation mode."""

    task: Task
    progress: Progress
    folder: RunFolder


def train(recipe: Recipe, options: Options, tell: Tell = lambda stage, fraction: None) -> Trained:
    """Train until the budget is spent; go on from the folder's checkpoint when it has one.

    Raises:
        UsageError: the folder holds another run, or there is no such device.
        StudioError: a checkpoint cannot be read or written, or the training diverged.
    """
    session = _Session(recipe, options, RunFolder(options.out), tell)
    session.restore()
    session.run()
    return session.finish()


@dataclass(slots=True)
class _Sums:
    """Losses of the steps since the last line of the log, kept on the device."""

    total: dict[str, Tensor] = field(default_factory=dict)
    steps: int = 0
    since: float = 0.0

    def add(self, losses: Losses) -> None:
        for name, value in losses.items():
            value = value.detach().float()
            self.total[name] = self.total[name] + value if name in self.total else value
        self.steps += 1

    def means(self) -> dict[str, float]:
        return {name: float(value) / self.steps for name, value in self.total.items()}


class _Session:
    """One process's share of a run."""

    def __init__(self, recipe: Recipe, options: Options, folder: RunFolder, tell: Tell) -> None:
        self.options, self.folder, self.tell = options, folder, tell
        self.plan = recipe.plan(options.config)
        self.identity = Identity(recipe.name, str(options.config), options.seed)
        self.accelerator = _accelerator(self.plan, options)
        torch.manual_seed(derived_seed(options.seed, "weights"))
        self.task = recipe.task(Setup(options.config, options.seed, options.cache_dir, options.models_dir))
        self.task.to(self.accelerator.device)
        self.average = Average(self.task, self.plan.ema)
        self.optimizer = torch.optim.AdamW(
            trained(self.task).values(),
            lr=self.plan.learning_rate,
            betas=self.plan.betas,
            weight_decay=self.plan.weight_decay,
            fused=True,
        )
        self.model = cast("nn.Module", self.accelerator.prepare(self.task))
        self.progress = Progress()
        self.bad_steps = 0

    def restore(self) -> None:
        """Make the folder ready, and go on from its checkpoint, if there is one."""
        main = self.accelerator.is_main_process
        if main and self.options.fresh:
            self.folder.clear()
        if main:
            self.folder.make()
        self.accelerator.wait_for_everyone()
        if self.folder.checkpoint.is_file():
            self._load()
        if main:
            self.folder.journal.rewind(self.progress.step)

    def _load(self) -> None:
        state = checkpoint.load(self.folder.checkpoint, self.identity)
        put(self.task, state.weights)
        self.average.load(state.average, state.average_updates)
        self.optimizer.load_state_dict(cast("dict[str, object]", state.optimizer))
        self.progress = state.progress
        # Counted by this run's budget: a prolonged run has validations to come that the shorter one knew nothing of.
        self.progress.validated = int(self.share() * self.plan.validations)

    def save(self) -> None:
        if not self.accelerator.is_main_process:
            return
        weights = {name: value.detach() for name, value in trained(self.task).items()}
        optimizer = self.optimizer.state_dict()
        state = State(self.identity, self.progress, weights, self.average.shadow, self.average.updates, optimizer)
        checkpoint.save(self.folder.checkpoint, state)

    def share(self) -> float:
        return self.options.budget.progress(self.progress.elapsed_s, self.progress.step)

    def run(self) -> None:
        """Train to the end of the budget."""
        if self.share() >= 1.0:
            return
        ranks = self.accelerator.num_processes
        first = self.progress.step * ranks + self.accelerator.process_index
        workers = self.plan.workers if self.options.workers is None else self.options.workers
        source = batches(self.task.data, first, ranks, workers)
        self._loop(source)

    def _loop(self, source: Iterator[Batch]) -> None:
        progress, sums = self.progress, _Sums(since=time.monotonic())
        clock, saved_at = time.monotonic(), time.monotonic()
        self.task.train()
        while (share := self.share()) < 1.0:
            self._step(_next(source), share, sums)
            now = time.monotonic()
            progress.elapsed_s, clock = self._agreed(progress.elapsed_s + now - clock), now
            if sums.steps >= self.plan.log_every:
                self._log(sums, share)
                sums = _Sums(since=now)
            is_validated = self.share() * self.plan.validations >= progress.validated + 1
            if is_validated:
                self._validate()
            # The checkpoint must know of the best weights, or a worse model could take their place after a kill.
            if is_validated or time.monotonic() - saved_at >= self.options.checkpoint_s:
                self.save()
                saved_at = time.monotonic()
            # Validation and checkpoints do not count: the budget is training.
            clock = time.monotonic()
        self.save()

    def _step(self, batch: Batch, share: float, sums: _Sums) -> None:
        step = self.progress.step
        rate = self.plan.learning_rate * rate_factor(self.plan, step, share)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        torch.manual_seed(derived_seed(self.options.seed, "step", step, self.accelerator.process_index))
        device = self.accelerator.device
        moved = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
        losses = cast("Losses", self.model(moved))
        self.accelerator.backward(losses["loss"])
        norm = cast("Tensor", self.accelerator.clip_grad_norm_(trained(self.task).values(), self.plan.clip))
        if bool(torch.isfinite(norm)):
            self.optimizer.step()
            self.average.update(self.task)
            self.bad_steps = 0
        else:
            self._count_bad_step()
        self.optimizer.zero_grad()
        self.progress.step += 1
        sums.add(losses)

    def _agreed(self, elapsed_s: float) -> float:
        """The first process's clock, so that all of them validate and end at the same step."""
        if self.accelerator.num_processes == 1:
            return elapsed_s
        clock = torch.tensor([elapsed_s], dtype=torch.float64, device=self.accelerator.device)
        return float(cast("Tensor", broadcast(clock)))

    def _count_bad_step(self) -> None:
        """A step whose gradients are not finite is left out; too many of them end the run."""
        self.bad_steps += 1
        if self.bad_steps >= BAD_STEPS:
            raise StudioError(
                f"The training diverged at step {self.progress.step}: its gradients are not finite.",
                "Lower the learning rate, or train without bfloat16 (--precision fp32).",
            )

    def _log(self, sums: _Sums, share: float) -> None:
        if not self.accelerator.is_main_process:
            return
        means = sums.means()
        seconds = max(1e-9, time.monotonic() - sums.since)
        rate = self.optimizer.param_groups[0]["lr"]
        self.folder.journal.add(
            "train",
            self.progress.step,
            elapsed_s=self.progress.elapsed_s,
            rate=rate,
            steps_per_s=sums.steps / seconds,
            **means,
        )
        self.tell(f"Training, step {self.progress.step}, loss {means['loss']:.4f}", share)

    def _validate(self) -> None:
        """Measure the averaged weights, keep them if they are the best, draw what they make."""
        progress = self.progress
        progress.validated = int(self.share() * self.plan.validations)
        if not self.accelerator.is_main_process:
            return
        self.tell("Validating", self.share())
        with self.average.applied(self.task), torch.no_grad():
            figures = self.task.validate(Split.VAL)
            picture = Image.fromarray(self.task.samples())
        picture.save(self.folder.pictures / f"{progress.step:07d}.png")
        value = figures[self.plan.criterion]
        better = progress.best is None or (
            value > progress.best if self.plan.better is Better.HIGHER else value < progress.best
        )
        if better:
            progress.best = float(value)
            checkpoint.replace_file(self.folder.best, dict(self.average.shadow))
        self.folder.journal.add("validation", progress.step, elapsed_s=progress.elapsed_s, kept=better, **dict(figures))
        named = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self.tell(f"Validated at step {progress.step}: {named}", self.share())

    def finish(self) -> Trained:
        """The task with the best weights, free of the accelerator."""
        best = checkpoint.read_file(self.folder.best) if self.folder.best.is_file() else self.average.shadow
        self.accelerator.wait_for_everyone()
        task = cast("Task", self.accelerator.unwrap_model(self.model, keep_fp32_wrapper=False))
        self.accelerator.free_memory()
        task.to("cpu")
        put(task, cast("Mapping[str, Tensor]", best))
        task.eval()
        return Trained(task, self.progress, self.folder)


def _next(source: Iterator[Batch]) -> Batch:
    """The next batch. Raises StudioError when a process that makes them has died."""
    try:
        return next(source)
    except (RuntimeError, OSError, EOFError) as error:
        if not _tells_of_a_death(error):
            raise
        raise StudioError(
            "A process that makes training data ended unexpectedly.",
            "Free some memory and give the same command again: the run goes on from its checkpoint.",
            repr(error),
        ) from error


def _tells_of_a_death(error: Exception) -> bool:
    """Whether the loader found its process gone, or a batch of it that nobody can hand over any more.

    What was raised while a batch was made comes from a living process and says so.
    """
    if isinstance(error, RuntimeError):
        return "DataLoader worker" in str(error) and "exited" in str(error)
    return isinstance(error, (ConnectionError, EOFError, FileNotFoundError)) and "Caught" not in str(error)


def _accelerator(plan: Plan, options: Options) -> Accelerator:
    cpu = on_cpu(options.device)
    bf16 = use_bf16(options.precision, cpu, plan.bf16)
    # The state is a singleton that refuses another precision; a process may train several models one after the other.
    AcceleratorState._reset_state()
    return Accelerator(cpu=cpu, mixed_precision="bf16" if bf16 else "no")
