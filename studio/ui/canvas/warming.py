"""Has the compositor's machine code made and loaded while nobody waits for it, so that the first edit is fast."""

from __future__ import annotations

import subprocess
import threading

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.compositing import kernels_ready, load_kernels, warm_kernels_in_child

IDLE_MS = 300
"""The window is given so long to be seen and to open its file."""
LOOK_MS = 500
_JOIN_S = 30.0


class Warming(QObject):
    """Loads the kernels in a thread; where they are not on disk yet, a child process of low priority makes them first.

    Until then numpy draws the same pictures, slower. `done` comes when there is nothing left to do. `release` must be
    called before the program ends.
    """

    done = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do: the kernels are loaded, or cannot be had here."""
        return not self._timer.isActive() and (self._thread is None or not self._thread.is_alive())

    @property
    def child(self) -> subprocess.Popen[bytes] | None:
        """The process that makes the kernels, if one was needed."""
        return self._child

    def start(self) -> None:
        """Begin once the window has come to rest."""
        self._timer.start(IDLE_MS)

    def release(self) -> None:
        """Stop: a child is ended, and goes on where it was the next time; a thread that loads is waited for."""
        self._timer.stop()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            self._child.wait()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _go_on(self) -> None:
        if self._child is None and not kernels_ready():
            self._child = warm_kernels_in_child()
        if self._child is not None and self._child.poll() is None:
            self._timer.start(LOOK_MS)
        elif kernels_ready() and self._thread is None:
            self._thread = threading.Thread(target=load_kernels, name="kernels", daemon=True)
            self._thread.start()
            self._timer.start(LOOK_MS)
        elif self._thread is not None and self._thread.is_alive():
            self._timer.start(LOOK_MS)
        else:
            self.done.emit()
