"""Which build of torch a machine gets: on Linux PyPI's carries CUDA, gigabytes that nobody without a card needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from installation.report import Stop, ask, run, say

CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # PyTorch's own public index of builds without CUDA
CUDA_SIZE = "about 2.7 GB to download"


@dataclass(frozen=True)
class Source:
    """One place to take torch from: what it is, pip's arguments, and whether a CUDA build there is turned down."""

    name: str
    arguments: tuple[str, ...]
    refuse_cuda: bool = False


def locked_version(constraints: Path) -> str:
    """The torch version that the lock names."""
    for line in constraints.read_text(encoding="utf-8").splitlines():
        if line.startswith("torch=="):
            return line.removeprefix("torch==").strip()
    raise Stop(f"{constraints} names no torch version.")


def has_nvidia_card() -> bool:
    """True when NVIDIA's driver is there and sees a card."""
    answered, listing, _ = ask(["nvidia-smi", "-L"])
    return answered and "GPU" in listing


def sources(version: str, platform: str, has_card: bool) -> list[Source]:
    """Where to look for torch on this machine, best first."""
    as_configured = Source("the package index", (f"torch=={version}",))
    if has_card or not platform.startswith("linux"):  # PyPI's builds for Windows and macOS have no CUDA in them
        return [as_configured]
    return [
        Source("a CPU build that pip knows", (f"torch=={version}+cpu",)),
        Source("a local wheel that pip knows", ("--no-index", "--no-deps", f"torch=={version}"), refuse_cuda=True),
        Source(
            "PyTorch's index of CPU builds",
            ("--index-url", CPU_INDEX, "--no-deps", "--retries", "1", "--timeout", "20", f"torch=={version}+cpu"),
        ),
        Source(f"the package index, whose build for Linux has CUDA in it: {CUDA_SIZE}", as_configured.arguments),
    ]


def install(python: Path, pip_install: list[str], constraints: Path) -> None:
    """Install the locked torch for `python`, unless it is there.

    Raises:
        Stop: none of the sources has it.
    """
    version = locked_version(constraints)
    if _installed(python).split("+")[0] == version:
        return
    has_card = has_nvidia_card()
    say("NVIDIA card found" if has_card else "no NVIDIA card found: a build of torch for the processor will do")
    for source in sources(version, sys.platform, has_card):
        say(f"torch {version}: {source.name}")
        if run([*pip_install, "-c", str(constraints), *source.arguments]):
            if not (source.refuse_cuda and _needs_cuda(python)):
                return
            say("that wheel has CUDA in it: not taken")
            run([str(python), "-m", "pip", "uninstall", "--quiet", "-y", "torch"])
    raise Stop(
        f"torch {version} could not be installed from anywhere; the lines above say why.\n"
        "Check the network connection and the free disk space, then run this again."
    )


def _installed(python: Path) -> str:
    """The torch version that `python` has, empty when it has none."""
    _, version, _ = ask([str(python), "-c", "import importlib.metadata as m; print(m.version('torch'))"])
    return version


def _needs_cuda(python: Path) -> bool:
    """True when the installed torch asks for NVIDIA's libraries."""
    _, needs, _ = ask([str(python), "-c", "import importlib.metadata as m; print(m.requires('torch'))"])
    return "nvidia" in needs or "cuda" in needs
