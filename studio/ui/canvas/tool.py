"""What a tool is: it gets pointer and key events in canvas coordinates, and calls the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCursor, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.events import DocumentChanged
from studio.core.geometry import Point, Rect, Size
from studio.core.guides import Guides
from studio.plugin_api.interactions import LabelMap
from studio.session import Session
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.snapping import Snapped
from studio.ui.canvas.transform import ViewTransform

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerEvent:
    """A pen, mouse or finger on the canvas.

    `x`, `y` are canvas coordinates (pixel (0, 0) reaches from 0.0 to 1.0), `view_x`, `view_y` logical pixels of the
    view. `pressure` is 0..1, and 1 for a mouse; tilt is in degrees. `clicks` is 2 for a double click.
    """

    x: float
    y: float
    view_x: float
    view_y: float
    pressure: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    clicks: int = 1
    eraser: bool = False
    time_ms: int = 0

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def control(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class CanvasHost(Protocol):
    """What a tool sees of the canvas it works on."""

    @property
    def session(self) -> Session: ...

    @property
    def transform(self) -> ViewTransform: ...

    @property
    def view_size(self) -> Size:
        """Logical pixels."""
        ...

    def set_transform(self, transform: ViewTransform) -> None: ...

    def request_image(self, document: Document, rect: Rect, level: int, deliver: Callable[[QImage], None]) -> None:
        """Have a part (canvas pixels) of any document composited and shrunk by 2 ** level, and get it when it is ready.

        The image covers `rect` widened to whole level pixels. Nothing comes when that fails or the canvas goes away.
        """
        ...

    def find_objects(self, deliver: Callable[[tuple[LabelMap, ...]], None]) -> None:
        """Get the maps of what a click may choose, whole objects first, once they are there.

        They are empty when that failed; nothing comes where no worker runs.
        """
        ...

    def compute(self, stage: str, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do long work beside the window, in the order in which it was asked for; `then` gets what came out.

        A StudioError that it raises is told to the user. `stage` says what is being done.
        """
        ...

    def tell(self, message: str) -> None:
        """Show a notice to the user."""
        ...

    def shift_selection(self, offset: Point) -> None:
        """Draw the outline of the selection elsewhere, until the selection changes."""
        ...

    def take_focus(self) -> None:
        """Have the keys go to the canvas."""
        ...

    @property
    def widget(self) -> QWidget:
        """The picture's widget, for fields that stand on it."""
        ...

    def show_preview(self, document: Document | None, dirty: Rect) -> None:
        """Show the picture of another document until the open one changes; None shows the open one's again.

        `dirty` is where on the canvas it may differ from what is shown.
        """
        ...

    @property
    def guides(self) -> Guides: ...

    def set_guides(self, guides: Guides) -> None:
        """Give the document these guides, as one undo step."""
        ...

    def show_guides(self, guides: Guides | None) -> None:
        """Show other guides while some are dragged; None shows the document's again."""
        ...

    def snapped(self, rect: Rect, ignoring: frozenset[str] = frozenset()) -> Snapped:
        """Where a moving rectangle would snap to; layers named in `ignoring` attract nothing. Shows the lines."""
        ...

    def end_snapping(self) -> None:
        """Take the shown lines away."""
        ...


class Overlay(QObject):
    """Something painted over the picture. `repaint` asks for it to be painted again: a canvas Rect, or None for all."""

    repaint = Signal(object)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        """Draw in view coordinates."""


class Tool(Overlay):
    """Works on the canvas between `activate` and `deactivate`. A gesture is press, moves and release, or cancel.

    Keys come first to the tool: it returns whether it used one. `cursor_changed` asks to have `cursor` read again,
    `status` says in words what is being done, for the status bar and for assistive technology. `done` says that there
    is nothing more to do with it here, so that the tool of before may come back.
    """

    cursor_changed = Signal()
    status = Signal(str)
    done = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host: CanvasHost | None = None

    @property
    def host(self) -> CanvasHost:
        """The canvas it works on; only between `activate` and `deactivate`."""
        assert self._host is not None, "the tool is not active"
        return self._host

    @property
    def is_active(self) -> bool:
        """Whether it works on a canvas now."""
        return self._host is not None

    @property
    def name(self) -> str:
        """What it is called, in the user's language."""
        raise NotImplementedError

    @property
    def cursor(self) -> QCursor:
        """The pointer to show."""
        return QCursor(Qt.CursorShape.ArrowCursor)

    def options(self, parent: QWidget) -> QWidget | None:
        """A line of controls for what can be set, made once for each bar that shows it; None for nothing to set."""
        return None

    def activate(self, host: CanvasHost) -> None:
        """Begin to work on a canvas."""
        self._host = host

    def deactivate(self) -> None:
        """Stop; a gesture that is under way is cancelled first."""
        self.cancel()
        self._host = None

    def press(self, event: PointerEvent) -> None:
        """The left button went down, or the pen touched."""

    def move(self, event: PointerEvent) -> None:
        """The pointer moved with the button down."""

    def release(self, event: PointerEvent) -> None:
        """The button went up."""

    def hover(self, event: PointerEvent) -> None:
        """The pointer moved with no button down."""

    def leave(self) -> None:
        """The pointer left the canvas."""

    def document_changed(self, news: DocumentChanged) -> None:
        """The document is another one now; the picture paints itself."""

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key is this tool's before it is a shortcut of the window."""
        return False

    def key_press(self, event: QKeyEvent) -> bool:
        """A key went down while the canvas has the focus."""
        return False

    def key_release(self, event: QKeyEvent) -> bool:
        """A key went up while the canvas has the focus."""
        return False

    def cancel(self) -> None:
        """Take back the gesture that is under way, if there is one."""

    @property
    def is_pending(self) -> bool:
        """Whether something is seen that the document does not have yet, and would be lost without `settle`."""
        return False

    def settle(self) -> bool:
        """Make what is pending a part of the document, before it is saved, closed or edited by something else.

        Returns False where that cannot be: the user was told, and it is pending still.
        """
        return True
