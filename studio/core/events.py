"""News and who listens to it: typed events over psygnal, with connections that an owner holds.

psygnal keeps listeners weakly and queues what is emitted while it is delivering, so that everybody hears A before
anybody hears B. Its own error wrapping stops at the first listener that fails and forgets the queue, which leaves the
other listeners with an old picture; here every listener is called, and what failed is raised when all is delivered.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import MethodType
from typing import Generic, Protocol, TypeVar

from psygnal import SignalInstance

from studio.core.changes import Changes
from studio.core.document import Document

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """The document is now `new`. `label` is what the menu would call it: "Move layer", "Undo Move layer".

    `continues` tells that this is the next value of a drag, whose step took the place of the one before.
    """

    old: Document
    new: Document
    changes: Changes
    label: str
    continues: bool = False


class ListenerError(RuntimeError):
    """A listener failed: a fault of the program, not of the user. The first failure is the cause, all are logged."""


class Subscription(Protocol):
    """A connection that lasts until it is closed or dropped, so it needs an owner."""

    def close(self) -> None:
        """Hear nothing more, not even what is being delivered now."""
        ...


class Subscriptions:
    """What one owner, such as a widget, listens to; closed in one place."""

    def __init__(self) -> None:
        self._held: list[Subscription] = []

    def listen(self, event: Event[T], listener: Callable[[T], None]) -> None:
        """Connect `listener` for as long as this owner keeps its subscriptions."""
        self._held.append(event.connect(listener))

    def close(self) -> None:
        """Close them all. Closing twice is fine."""
        for subscription in self._held:
            subscription.close()
        self._held.clear()


class Event(Generic[T]):
    """One kind of news. `name` appears in logs and errors, `payload` is the type of what is emitted."""

    def __init__(self, name: str, payload: type[T]) -> None:
        self.name = name
        self._signal = SignalInstance((payload,), name=name, reemission="queued")
        self._failures: list[tuple[str, Exception]] = []
        self._delivering = False

    def __len__(self) -> int:
        """How many listen."""
        return len(self._signal)

    def connect(self, listener: Callable[[T], None]) -> Subscription:
        """Call `listener` with all that is emitted, until the subscription is closed or nobody holds it.

        A bound method is held weakly: a widget may own the subscription of its own method without a reference cycle.
        """
        connection = _Connection(self._signal, listener, self._failures)
        self._signal.connect(connection.deliver)
        return connection

    def emit(self, value: T) -> None:
        """Tell everybody, or queue it while something is being delivered.

        Raises ListenerError after all is delivered when a listener failed, and RecursionError when listeners keep
        answering each other without end.
        """
        _log.debug("%s: %r", self.name, value)
        if self._delivering:
            self._signal.emit(value)
            return
        self._delivering = True
        try:
            self._signal.emit(value)
        finally:
            self._delivering = False
            failures = self._failures.copy()
            self._failures.clear()
            for listener_name, error in failures:
                _log.error("%s: the listener %s failed", self.name, listener_name, exc_info=error)
        if failures:
            listener_name, error = failures[0]
            raise ListenerError(f"{self.name}: the listener {listener_name} failed: {error!r}") from error


class _Connection(Generic[T]):
    """One listener of one event; psygnal holds its `deliver` weakly."""

    def __init__(self, signal: SignalInstance, listener: Callable[[T], None], failures: list[tuple[str, Exception]]):
        self._signal = signal
        self._name = getattr(listener, "__qualname__", repr(listener))
        self._listener = weakref.WeakMethod(listener) if isinstance(listener, MethodType) else lambda: listener
        self._failures = failures
        self._open = True

    def close(self) -> None:
        self._open = False
        self._signal.disconnect(self.deliver)  # pyright: ignore[reportUnknownMemberType]  # psygnal: bare Callable

    def deliver(self, value: T) -> None:
        listener = self._listener() if self._open else None
        if listener is None:
            return
        try:
            listener(value)
        except Exception as error:
            self._failures.append((self._name, error))
