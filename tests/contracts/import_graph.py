"""Every import statement of a source tree, read from the syntax trees, never by running the code."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One module named by an import statement, wherever in the file it stands (functions included)."""

    importer: str
    target: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.importer} imports {self.target}"


def module_files(root: Path, tops: Iterable[str]) -> dict[str, Path]:
    """Dotted module name -> file, for every Python file below the top folders of `root`."""
    found: dict[str, Path] = {}
    for top in tops:
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name: str, path: Path, known: dict[str, Path]) -> Iterator[Import]:
    """The imports of one file; relative ones made absolute, `from package import module` resolved to the module."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(name, alias.name, path, node.lineno)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + 1] if level else []
                origin = ".".join([*base, *([module] if module else [])])
                for alias in names:
                    inner = f"{origin}.{alias.name}"
                    yield Import(name, inner if inner in known else origin, path, node.lineno)


def all_imports(root: Path, tops: Iterable[str]) -> list[Import]:
    """Every import below the top folders of `root`."""
    known = module_files(root, tops)
    return [found for name, path in known.items() for found in imports_of(name, path, known)]


def cycles(imports: Iterable[Import]) -> list[list[str]]:
    """Groups of modules that reach each other (each is an import cycle)."""
    edges: dict[str, set[str]] = {}
    for found in imports:
        if found.target != found.importer:
            edges.setdefault(found.importer, set()).add(found.target)
    reach = {module: _reachable(module, edges) for module in edges}
    groups = {
        tuple(sorted(other for other in reach[module] if module in reach.get(other, set())))
        for module in edges
        if module in reach[module]
    }
    return [list(group) for group in sorted(groups)]


def _reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    """Modules that an import chain from `start` comes to."""
    seen: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting.extend(edges.get(module, ()))
    return seen
