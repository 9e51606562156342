"""Asking for the objects of a picture once: kept by pixels, shared by all who ask, unharmed by what comes between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from studio.core.document import Document
from studio.core.geometry import Rect, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.plugin_api.interactions import LabelMap
from studio.session import Session
from studio.ui.canvas.finding import LARGEST_AREA, Maps, ObjectFinder

Answer = Callable[[Maps | None], None]


class Desk:
    """Stands for the session and the canvas's thread: keeps what is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.images: list[tuple[Document, int, Callable[[QImage], None]]] = []
        self.questions: list[tuple[Document, Answer]] = []

    def request_image(self, document: Document, rect: Rect, level: int, deliver: Callable[[QImage], None]) -> None:
        self.images.append((document, level, deliver))

    def find_objects(self, picture: Document, answer: Answer) -> None:
        self.questions.append((picture, answer))

    def deliver(self, value: int = 0) -> None:
        """Hand over the picture asked for last, in one grey."""
        document, level, take = self.images.pop()
        size = document.size
        image = QImage(-(-size.width >> level), -(-size.height >> level), QImage.Format.Format_RGB32)
        image.fill(0xFF000000 + 0x010101 * value)
        take(image)

    def answer(self, label: int = 1) -> None:
        picture, answer = self.questions.pop(0)
        answer((LabelMap(np.full((picture.size.height, picture.size.width), label, np.int32)),))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def finder(desk: Desk, qapp: object, monkeypatch: pytest.MonkeyPatch) -> ObjectFinder:
    session = Session()
    monkeypatch.setattr(session, "find_objects", desk.find_objects)
    return ObjectFinder(session, desk.request_image)


def document(width: int = 40, height: int = 30) -> Document:
    pixels = PixelBuffer.from_array(np.zeros((8, 8, 4), np.uint8))
    return Document(size=Size(width, height), layers=(RasterLayer(name="Photo", pixels=pixels),))


def test_one_picture_is_asked_about_once(finder: ObjectFinder, desk: Desk) -> None:
    photo, heard = document(), list[Maps]()
    finder.find(photo, heard.append)
    finder.find(photo, heard.append)
    assert finder.is_busy
    assert len(desk.images) == 1
    desk.deliver()
    desk.answer(7)
    assert [maps[0].at(3, 3) for maps in heard] == [7, 7]
    assert not finder.is_busy
    finder.find(photo, heard.append)
    assert len(heard) == 3
    assert desk.images == []


def test_layers_closed_to_models_are_not_looked_at(finder: ObjectFinder, desk: Desk) -> None:
    photo, heard = document(), list[Maps]()
    secret = replace(photo.layers[0], id=LayerId("secret"), ai_visible=False)
    whole = replace(photo, layers=(*photo.layers, secret))
    finder.find(whole, heard.append)
    assert [layer.id for layer in desk.images[0][0].layers] == [photo.layers[0].id]
    desk.deliver()
    desk.answer(3)
    finder.find(whole, heard.append)  # known by the document that was asked about
    assert (len(heard), desk.images) == (2, [])


def test_equal_pixels_are_known_again_under_another_document(finder: ObjectFinder, desk: Desk) -> None:
    heard: list[Maps] = []
    finder.find(document(), heard.append)
    desk.deliver(9)
    desk.answer(4)
    finder.find(document(), heard.append)
    desk.deliver(9)
    assert desk.questions == []
    assert heard[0] is heard[1]
    finder.find(document(), heard.append)
    desk.deliver(10)
    assert len(desk.questions) == 1


def test_large_pictures_are_looked_at_smaller(finder: ObjectFinder, desk: Desk) -> None:
    heard: list[Maps] = []
    finder.find(document(3000, 2000), heard.append)
    assert desk.images[-1][1] == 2
    desk.deliver()
    assert desk.questions[0][0].size.area <= LARGEST_AREA
    desk.answer(5)
    assert heard[0][0].step == 4
    assert heard[0][0].at(2999, 1999) == 5


def test_the_newest_question_comes_first_and_the_older_one_is_answered_too(finder: ObjectFinder, desk: Desk) -> None:
    told: list[str] = []
    first, second = document(), document(50, 20)
    finder.find(first, lambda _: told.append("first"))
    finder.find(second, lambda _: told.append("second"))
    desk.deliver(1)  # of the second
    desk.answer()
    assert told == ["second"]
    assert finder.is_busy  # it went back to the first
    desk.deliver(2)
    desk.answer()
    assert told == ["second", "first"]


def test_a_failure_is_answered_with_nothing_and_asked_anew(finder: ObjectFinder, desk: Desk) -> None:
    photo, heard = document(), list[Maps]()
    finder.find(photo, heard.append)
    desk.deliver()
    desk.questions.pop()[1](None)
    assert heard == [()]
    assert not finder.is_busy
    finder.find(photo, heard.append)
    assert len(desk.images) == 1
