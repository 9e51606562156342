"""What a click would choose: the objects of the picture, found once by the worker and kept by the picture's pixels."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Rect, Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.plugin_api.interactions import LabelMap
from studio.session import Session

LARGEST_AREA = 1_000_000
"""The worker looks at a copy of the picture that has no more pixels than this."""
KEPT = 8
"""Pictures whose objects are remembered."""

Maps = tuple[LabelMap, ...]
"""Whole objects first, then finer parts; empty when nobody can tell."""
RequestImage = Callable[[Document, Rect, int, Callable[[QImage], None]], None]


class ObjectFinder(QObject):
    """Answers each question once, soon or at once. `busy_changed` tells whether the worker is looking at a picture.

    Args:
        request_image: composites a part of a document at a level, beside the event loop.
    """

    busy_changed = Signal(bool)

    def __init__(self, session: Session, request_image: RequestImage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._request_image = request_image
        self._kept: OrderedDict[str, Maps] = OrderedDict()
        self._known: tuple[Document, Maps] | None = None
        self._looking: Document | None = None
        self._waiting: list[tuple[Document, Callable[[Maps], None]]] = []

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being looked at."""
        return self._looking is not None

    def find(self, document: Document, deliver: Callable[[Maps], None]) -> None:
        """Hand over the objects of a document's picture, as models may see it; the last question is answered first."""
        if self._known is not None and self._known[0] is document:
            deliver(self._known[1])
            return
        self._waiting.append((document, deliver))
        if self._looking is not document:
            self._look_at(document)

    def _look_at(self, document: Document) -> None:
        self._set_looking(document)
        level = 0
        while document.canvas.area > LARGEST_AREA << 2 * level:
            level += 1
        seen = edits.withhold(document)
        self._request_image(seen, seen.canvas, level, lambda image: self._take(document, image, 1 << level))

    def _take(self, document: Document, image: QImage, step: int) -> None:
        """The picture is there: ask, unless one with these pixels was looked at before."""
        if document is not self._looking:
            return
        samples = samples_of(image)
        key = hashlib.blake2b(samples.data, digest_size=16, person=str(samples.shape).encode()[:16]).hexdigest()
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            self._answer(document, known)
            return
        layer = RasterLayer(name="picture", pixels=PixelBuffer.from_array(samples))
        picture = Document(size=Size(samples.shape[1], samples.shape[0]), layers=(layer,))
        self._session.find_objects(picture, lambda maps: self._found(document, key, step, maps))

    def _found(self, document: Document, key: str, step: int, maps: Maps | None) -> None:
        if maps is None:  # nobody can tell, or something newer was asked: the next question begins anew
            self._answer(document, ())
            return
        self._kept[key] = tuple(replace(one, step=step) for one in maps)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._answer(document, self._kept[key])

    def _answer(self, document: Document, maps: Maps) -> None:
        if maps:
            self._known = document, maps
        due = [deliver for asked, deliver in self._waiting if asked is document]
        self._waiting = [(asked, deliver) for asked, deliver in self._waiting if asked is not document]
        if self._looking is document:
            self._set_looking(None)
            if self._waiting:
                self._look_at(self._waiting[-1][0])
        for deliver in due:
            deliver(maps)

    def _set_looking(self, document: Document | None) -> None:
        was, self._looking = self.is_busy, document
        if was != self.is_busy:
            self.busy_changed.emit(self.is_busy)


def samples_of(image: QImage) -> NDArray[np.uint8]:
    """(H, W, 4) straight RGBA of an image."""
    straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
    lines = np.frombuffer(cast("memoryview", straight.constBits()), np.uint8)
    lines = lines.reshape(straight.height(), straight.bytesPerLine())
    return lines[:, : 4 * straight.width()].reshape(straight.height(), straight.width(), 4).copy()
