"""The sentences that errors of the program are made of, read from its source: what the window must have in every
language.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "studio"
PLACES = (
    "core", "io", "jobs", "lettering", "plugin_api", "plugin_host", "retouch", "worker", "commands.py", "documents.py",
    "macro_library.py", "macros.py", "outlook.py", "placing.py", "requests.py", "resources.py", "session.py",
)  # fmt: skip
"""Packages and modules whose errors come to the window."""
ERRORS = {
    "StudioError", "UsageError", "FileFormatError", "DocumentError", "LookChangesError", "ProtectedLayerError",
    "ShapeError", "ProjectInUse", "NewerVersionError", "Failed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its fields as `{0}`, `{1}` in order, and where it is said."""

    template: str
    place: str


def sources() -> Iterator[Path]:
    """Every module whose errors come to the window."""
    for place in PLACES:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def sentences() -> tuple[list[Said], list[str]]:
    """All sentences, and the places where one could not be read from the source."""
    found: list[Said] = []
    unread: list[str] = []
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for scope, call in _calls(tree):
            place = f"{path.relative_to(ROOT.parent)}:{call.lineno}"
            for told in _told(call):
                templates = _templates(told, scope, tree)
                if templates is None:
                    unread.append(f"{place}: {ast.unparse(told)}")
                else:
                    found += [Said(template, place) for template in templates if template.strip("{0} ")]
    return found, unread


def _calls(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
    """(the function around it, the call) of everything that makes an error."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

    def walk(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in ERRORS:
                yield scope, child
            yield from walk(child, child if isinstance(child, functions) else scope)

    return walk(tree, tree)


def _told(call: ast.Call) -> list[ast.expr]:
    """The expressions of message and hint; a failed job's come after its id."""
    assert isinstance(call.func, ast.Name)
    start = 1 if call.func.id == "Failed" else 0
    named = [keyword.value for keyword in call.keywords if keyword.arg in ("message", "hint")]
    return [*call.args[start : start + 2], *named]


def _templates(node: ast.expr, scope: ast.AST, tree: ast.AST) -> list[str] | None:
    """Every sentence that an expression may be; None where that cannot be told."""
    match node:
        case ast.Constant(value=str(value)):
            return [value.replace("{", "{{").replace("}", "}}")]
        case ast.JoinedStr():
            return [_joined(node)]
        case ast.IfExp():
            return _all([_templates(part, scope, tree) for part in (node.body, node.orelse)])
        case ast.BoolOp(op=ast.Or()):
            each = [_templates(value, scope, tree) for value in node.values]
            return [one for some in each if some is not None for one in some]
        case ast.Name():
            return _assigned(node.id, scope, tree)
        case ast.Attribute(attr="message" | "hint"):
            return []  # another error's, which is read where it is made
        case ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="get"), args=[_, default]):
            return _all([_table(table, tree), _templates(default, scope, tree)])
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return _returned(name)
        case _:
            return None


def _joined(node: ast.JoinedStr) -> str:
    parts: list[str] = []
    count = 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        else:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts)


def _all(each: list[list[str] | None]) -> list[str] | None:
    """All sentences of several expressions; None where one of them cannot be told."""
    told = [some for some in each if some is not None]
    return [one for some in told for one in some] if len(told) == len(each) else None


def _assigned(name: str, scope: ast.AST, tree: ast.AST) -> list[str] | None:
    """What a name may be by the assignments around it: in its function, its module or, in capitals, any module."""
    everywhere = _modules() if name.isupper() else ()
    for around in (scope, tree, *everywhere):
        values = [*_values(name, around)]
        if values:
            return _all([_templates(value, scope, tree) for value in values])
    return None


def _values(name: str, around: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(around):
        if isinstance(node, ast.Assign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(to, ast.Name) and to.id == name for to in targets):
                yield node.value


def _table(name: str, tree: ast.AST) -> list[str] | None:
    """The values of a dictionary of the module."""
    (table,) = _values(name, tree)
    assert isinstance(table, ast.Dict)
    return _all([_templates(value, tree, tree) for value in table.values])


def _returned(name: str) -> list[str] | None:
    """What a function that tells what is wrong may return; empty where it tells nothing."""
    for tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                back = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
                return _all([_templates(value, node, tree) for value in back])
    return None


@cache
def _modules() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in sources())
