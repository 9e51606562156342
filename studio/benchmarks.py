"""Finds and runs the benchmarks of a checkout: those of `tests/bench` and those of the plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, cast

from studio import resources
from studio.core.errors import StudioError, UsageError
from studio.plugin_api.bench import BenchTable
from studio.plugin_host.registry import Registry

SKIPPED = ("__init__", "row")


class Row(Protocol):
    """One measured figure beside its target."""

    name: str
    value: float
    unit: str
    target: str
    note: str
    limit: float | None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A name for `lamina bench NAME`, and what measures it."""

    name: str
    tables: Callable[[bool], Iterable[BenchTable]]


def benchmarks(registry: Registry) -> dict[str, Benchmark]:
    """By name. Raises StudioError outside a checkout, where the benchmarks are not installed."""
    root = resources.checkout_root()
    if root is None:
        raise StudioError("The benchmarks are not part of an installed Lamina.", "Run lamina bench in a checkout.")
    found = {
        path.stem: Benchmark(path.stem, _speed_tables(path.stem))
        for path in sorted((root / "tests" / "bench").glob("*.py"))
        if path.stem not in SKIPPED
    }
    for plugin in registry:
        if plugin.bench is not None:
            found[plugin.manifest.id] = Benchmark(plugin.manifest.id, plugin.bench)
    return found


def pick(registry: Registry, name: str | None) -> list[Benchmark]:
    """The named benchmark, or all. Raises UsageError for an unknown name."""
    known = benchmarks(registry)
    if name is None:
        return list(known.values())
    if name not in known:
        raise UsageError(f"There is no benchmark “{name}”.", f"Choose among {', '.join(known)}.")
    return [known[name]]


def _cells(row: Row) -> list[str]:
    return [row.name, f"{row.value:.4g} {row.unit}", row.target, row.note]


def _speed_tables(module: str) -> Callable[[bool], Iterable[BenchTable]]:
    def tables(quick: bool) -> Iterable[BenchTable]:
        measure = cast("Callable[[bool], list[Row]]", importlib.import_module(f"tests.bench.{module}").rows)
        found = measure(quick)
        names, rows = ["what", "measured", "target", "note"], [_cells(row) for row in found]
        if any(row.limit for row in found):
            names.insert(3, "share of target")
            for cells, row in zip(rows, found, strict=True):
                cells.insert(3, f"{row.value / row.limit:.2f}" if row.limit else "")
        yield BenchTable(module, tuple(names), tuple(tuple(cells) for cells in rows))

    return tables
