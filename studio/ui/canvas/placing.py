"""Where a layer fits into the picture: asked of the worker beside the queue, on small copies of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Rect, Size
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId, RasterLayer, mapped
from studio.core.pixels import PixelBuffer
from studio.core.selection import Selection
from studio.plugin_api.interactions import Box, Candidate, HeatMap, Suggestions
from studio.session import Session
from studio.ui.canvas.finding import RequestImage, samples_of

PICTURE_AREA, OBJECT_AREA = 1 << 18, 1 << 16
"""The worker looks at copies that have no more pixels than this."""

Spot = tuple[float, float]
Answer = Callable[[Suggestions | StudioError], None]


@dataclass(slots=True)
class _Sight:
    """What the worker looks at, as far as it is there: the picture, what else lies on its ground, and the object."""

    layer: LayerId
    size: Size
    step: int
    inside: Selection | None = None
    parts: dict[str, RasterLayer] = field(default_factory=dict[str, RasterLayer])

    @property
    def document(self) -> Document | None:
        """The whole of it, the object on top; None while a part is missing."""
        if len(self.parts) < len(_PARTS):
            return None
        layers = tuple(self.parts[name] for name in _PARTS)
        return Document(size=self.size, layers=layers, selection=self.inside)


@dataclass(frozen=True, slots=True)
class _Question:
    at: Spot | None
    answer: Answer
    again: bool = True
    """Whether to ask once more when something else came between."""


_EFFECTS = frozenset({BlendMode.MULTIPLY, BlendMode.SCREEN})
_PARTS = ("picture", "others", "object")


class PlaceFinder(QObject):
    """Asks about one layer at a time. While a question is out, only the newest of the others waits for its turn.

    Args:
        request_image: composites a part of a document at a level, beside the event loop.
    """

    def __init__(self, session: Session, request_image: RequestImage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._request_image = request_image
        self._sight: _Sight | None = None
        self._asked: _Question | None = None
        self._next: _Question | None = None

    def look(self, document: Document, layer_id: LayerId, *, inside: bool = False) -> None:
        """Questions are about this layer of this document from now on; older ones get no answer.

        Args:
            inside: only places inside the selection, where there is one.
        """
        self._asked = self._next = None
        seen = edits.withhold(document)
        layer = seen.find(layer_id)
        if layer is None:
            self._sight = None
            return
        level = _level(document.canvas, PICTURE_AREA)
        step = 1 << level
        size = Size(-(-document.size.width // step), -(-document.size.height // step))
        chosen = document.selection if inside else None
        kept = None if chosen is None else Selection.of(np.ascontiguousarray(chosen.read()[::step, ::step]))
        sight = self._sight = _Sight(layer_id, size, step, kept)
        rest = seen.with_layers(mapped(seen.layers, layer_id, lambda _: None))
        self._request(sight, "picture", rest, rest.canvas, level)
        self._request(sight, "others", rest.with_layers(rest.layers[1:]), rest.canvas, level)
        thing = replace(solid_part(layer), clipping=False)
        bounds = thing.bounds
        self._request(sight, "object", seen.with_layers((thing,)), bounds, _level(bounds, OBJECT_AREA))

    def forget(self) -> None:
        """Answer nothing more."""
        self._sight = self._asked = self._next = None

    def ask(self, answer: Answer, at: Spot | None = None) -> None:
        """The best places, or the best size with the centre `at`, in canvas pixels."""
        self._next = _Question(at, answer)
        self._go_on()

    def _request(self, sight: _Sight, name: str, document: Document, rect: Rect, level: int) -> None:
        self._request_image(document, rect, level, lambda image: self._take(sight, name, image))

    def _take(self, sight: _Sight, name: str, image: QImage) -> None:
        layer_id = sight.layer if name == "object" else LayerId(name)
        pixels = PixelBuffer.from_array(samples_of(image))
        sight.parts[name] = RasterLayer(id=layer_id, name=name, pixels=pixels)
        if sight is self._sight:
            self._go_on()

    def _go_on(self) -> None:
        """Ask what waits, if the parts are there and nothing is out."""
        sight, question = self._sight, self._next
        picture = None if sight is None else sight.document
        if sight is None or picture is None or question is None or self._asked is not None:
            return
        self._asked, self._next = question, None
        at = None if question.at is None else (question.at[0] / sight.step, question.at[1] / sight.step)
        self._session.find_places(picture, sight.layer, lambda told: self._answer(sight, question, told), at)

    def _answer(self, sight: _Sight, question: _Question, told: Suggestions | StudioError | None) -> None:
        if sight is not self._sight or question is not self._asked:
            return
        self._asked = None
        if told is None and question.again and self._next is None:
            self._next = replace(question, again=False)
        self._go_on()
        if told is not None:
            question.answer(told if isinstance(told, StudioError) else _enlarged(told, sight.step))


def solid_part(layer: Layer) -> Layer:
    """A layer without the shadows and reflections that it holds, which say nothing of how large the object is."""
    if not isinstance(layer, GroupLayer):
        return layer
    kept = tuple(solid_part(child) for child in layer.children if child.visible and child.blend not in _EFFECTS)
    return replace(layer, children=kept) if Rect.union(child.bounds for child in kept).area else layer


def _level(rect: Rect, area: int) -> int:
    level = 0
    while rect.area > area << 2 * level:
        level += 1
    return level


def _enlarged(told: Suggestions, step: int) -> Suggestions:
    """Suggestions for the small copy as they are on the canvas."""
    places = tuple(Candidate(box=_times(one.box, step), score=one.score) for one in told.candidates.places)
    heat = None if told.heat is None else HeatMap(told.heat.values, _times(told.heat.area, step))
    return Suggestions(replace(told.candidates, places=places), heat)


def _times(box: Box, step: int) -> Box:
    return Box(box.x * step, box.y * step, box.width * step, box.height * step)
