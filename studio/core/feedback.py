"""How far long work has come, and whether to go on.

Whoever starts the work listens; the work says how much of its present part is done, and `part` fits that into the
whole. With nobody listening nothing happens.

    with listening(tell):                     # tell(share) may raise JobCancelled
        with part(0.0, 0.6):
            for index, layer in enumerate(layers):
                report(index / len(layers))   # 0 to 0.6 of the whole

A listener hears only what happens on the thread that it was set on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

Tell = Callable[[float], None]
"""Hears the share (0..1) of the whole that is done; raises JobCancelled to stop the work."""


@dataclass(frozen=True, slots=True)
class _Span:
    tell: Tell
    start: float = 0.0
    end: float = 1.0


_span: ContextVar[_Span | None] = ContextVar("studio.feedback", default=None)


@contextmanager
def listening(tell: Tell) -> Generator[None]:
    """Hear what the work inside reports."""
    token = _span.set(_Span(tell))
    try:
        yield
    finally:
        _span.reset(token)


@contextmanager
def part(start: float, end: float) -> Generator[None]:
    """What is reported inside is from `start` to `end` of what it is a part of."""
    whole = _span.get()
    if whole is None:
        yield
        return
    length = whole.end - whole.start
    token = _span.set(_Span(whole.tell, whole.start + start * length, whole.start + end * length))
    try:
        yield
        report(1.0)
    finally:
        _span.reset(token)


def report(share: float) -> None:
    """So much of the present part is done, 0..1. Raises JobCancelled when the work is to stop."""
    span = _span.get()
    if span is not None:
        span.tell(span.start + min(max(share, 0.0), 1.0) * (span.end - span.start))


def each(items: Collection[T]) -> Iterator[T]:
    """The items, one after the other, with a report before each."""
    for index, item in enumerate(items):
        report(index / len(items))
        yield item
