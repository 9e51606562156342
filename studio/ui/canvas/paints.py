"""The two colours that are painted with, and whether strokes go to a layer, to its mask or to the selection."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.core.document import Document
from studio.core.events import DocumentChanged, Event, Subscriptions
from studio.core.layers import Layer, LayerId, RasterLayer
from studio.core.selecting.colors import Color
from studio.session import LayersSelected, Session
from studio.ui.canvas.options import Options

BLACK: Color = (0.0, 0.0, 0.0)
WHITE: Color = (1.0, 1.0, 1.0)
SWATCHES = (
    "#000000", "#404040", "#808080", "#c0c0c0", "#ffffff", "#7a1f1f", "#d9382e", "#f28c28", "#f2c733", "#fff2a8",
    "#1f5c3a", "#46a758", "#a8d8a0", "#1c4b82", "#3b8ede", "#a6d4f5", "#4b2a7b", "#8e6bbf", "#d94f9d", "#f5c1d8",
    "#4a2f1c", "#8a5a35", "#c99a6b", "#f0d5b5",
)  # fmt: skip
RECENT = 12
"""How many of the colours painted with last are kept."""
_HEX = re.compile(r"#[0-9a-f]{6}")


def hex_of(color: Color) -> str:
    """#rrggbb, rounded to 8 bits."""
    return "#" + "".join(f"{round(255 * value):02x}" for value in color)


def color_of(told: str) -> Color | None:
    """The colour that #rrggbb, rrggbb or rgb means; None for anything else."""
    digits = told.strip().lstrip("#").lower()
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    if not _HEX.fullmatch(f"#{digits}"):
        return None
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


@dataclass(frozen=True, slots=True, kw_only=True)
class Paints:
    """Colours as shares 0..1, swatches and recent ones as #rrggbb. `background_first`: pickers set the background."""

    foreground: Color = BLACK
    background: Color = WHITE
    background_first: bool = False
    swatches: tuple[str, ...] = SWATCHES
    recent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for color in (self.foreground, self.background):
            if len(color) != 3 or not all(0.0 <= value <= 1.0 for value in color):
                raise ValueError(f"{color} is no colour")
        if not all(_HEX.fullmatch(told) for told in (*self.swatches, *self.recent)):
            raise ValueError("a swatch is no colour")


class PaintColors:
    """What can be done with the colours; `options` holds them and tells of changes."""

    def __init__(self, options: Options[Paints]) -> None:
        self.options = options

    @property
    def now(self) -> Paints:
        return self.options.now

    @property
    def edited(self) -> Color:
        """The colour that pickers set."""
        return self.now.background if self.now.background_first else self.now.foreground

    def set_edited(self, color: Color) -> None:
        """Set the colour that pickers set."""
        self.options.change(**{"background" if self.now.background_first else "foreground": color})

    def swap(self) -> None:
        """Exchange foreground and background."""
        self.options.change(foreground=self.now.background, background=self.now.foreground)

    def reset(self) -> None:
        """Black on white."""
        self.options.change(foreground=BLACK, background=WHITE, background_first=False)

    def used(self, color: Color) -> None:
        """Something was painted with a colour: it is the most recent one now."""
        told = hex_of(color)
        others = tuple(other for other in self.now.recent if other != told)
        self.options.change(recent=(told, *others)[:RECENT])

    def add_swatch(self, color: Color) -> None:
        """Put a colour at the end of the swatches, unless it is there."""
        told = hex_of(color)
        if told not in self.now.swatches:
            self.options.change(swatches=(*self.now.swatches, told))

    def remove_swatch(self, told: str) -> None:
        """Take a colour out of the swatches."""
        self.options.change(swatches=tuple(other for other in self.now.swatches if other != told))


class PaintTarget:
    """Which layer's mask is painted on, if any; `changed` brings it, and comes when it is the selection instead.

    A mask that the active layer gets becomes the target, and choosing another layer goes back to pixels. Another
    document is painted on layers.
    """

    def __init__(self) -> None:
        self._mask_of: LayerId | None = None
        self._selection = False
        self._subscriptions = Subscriptions()
        self.changed: Event[object] = Event("paint_target.changed", object)

    @property
    def mask_of(self) -> LayerId | None:
        """The layer whose mask was chosen."""
        return self._mask_of

    @property
    def is_selection(self) -> bool:
        """Whether strokes go to the selection: quick mask."""
        return self._selection

    def choose_selection(self, on: bool) -> None:
        """Paint on the selection, or again on layers and masks."""
        if on != self._selection:
            self._selection = on
            self.changed.emit(self._mask_of)

    def choose(self, layer: LayerId | None) -> None:
        """Paint on the mask of this layer; None paints on pixels."""
        if layer != self._mask_of:
            self._mask_of = layer
            self.changed.emit(layer)

    def is_mask(self, layer: Layer) -> bool:
        """Whether strokes on this layer go to its mask: it was chosen, or there are no pixels to paint on."""
        return layer.mask is not None and (self._mask_of == layer.id or not isinstance(layer, RasterLayer))

    def follow(self, session: Session) -> None:
        """Go along with what is chosen and done in a session, until `release`."""
        self._subscriptions.listen(session.opened, lambda _: self.choose_selection(False))
        self._subscriptions.listen(session.was_shut, lambda _: self.choose_selection(False))
        self._subscriptions.listen(session.selected, self._on_selected)
        self._subscriptions.listen(session.document_changed, lambda news: self._on_changed(news, session.selection[:1]))

    def release(self) -> None:
        """Hear nothing more of the session."""
        self._subscriptions.close()

    def _on_selected(self, news: LayersSelected) -> None:
        if self._mask_of not in news.layers[:1]:
            self.choose(None)

    def _on_changed(self, news: DocumentChanged, active: tuple[LayerId, ...]) -> None:
        for layer in active:
            if "mask" in news.changes.fields.get(layer, ()):
                before, now = _has_mask(news.old, layer), _has_mask(news.new, layer)
                if before != now:
                    self.choose(layer if now else None)


def _has_mask(document: Document, layer: LayerId) -> bool:
    found = document.find(layer)
    return found is not None and found.mask is not None
