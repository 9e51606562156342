"""Random sequences of edits: the document stays sound, undo and redo are exact, and no old root ever changes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.edits import EDITS
from studio.core.history import History
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import random_document
from tests.support.edits import ARGUMENTS, edit_calls, edited, unlocked

SLOW_DRAWS = (HealthCheck.too_slow, HealthCheck.data_too_large)


def fingerprint(document: Document) -> str:
    """A digest of all values and every stored sample."""
    digest = hashlib.blake2b(repr(document).encode())
    for buffer in document.buffers():
        for key, tile in sorted(buffer.tiles.items()):
            digest.update(repr(key).encode() + tile.tobytes())
    return digest.hexdigest()


def assert_canonical(buffer: PixelBuffer) -> None:
    """Tiles are read-only and of full size, none is all `fill`, and what lies past the edges is `fill`."""
    for (column, row), tile in buffer.tiles.items():
        assert not tile.flags.writeable
        assert tile.shape == (256, 256, buffer.channels)
        assert tile.dtype == buffer.depth.dtype
        assert (tile != buffer.fill).any()
        assert (tile[max(0, buffer.size.height - row * 256) :] == buffer.fill).all()
        assert (tile[:, max(0, buffer.size.width - column * 256) :] == buffer.fill).all()


def test_the_fuzzer_knows_every_edit() -> None:
    assert set(ARGUMENTS) == set(EDITS)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_DRAWS)
@given(data=st.data(), seed=st.integers(0, 10_000), depth=st.sampled_from(Depth))
def test_any_sequence_of_edits(data: st.DataObject, seed: int, depth: Depth) -> None:
    start = unlocked(random_document(seed, depth, layers=6))
    history = History(start)
    roots = [start]
    prints = [fingerprint(start)]
    for _ in range(data.draw(st.integers(1, 8))):
        name, arguments = data.draw(edit_calls(history.document))
        history.apply(lambda document, n=name, a=arguments: edited(document, n, a), name)
        document = history.document
        assert document.check() == [], name
        for buffer in document.buffers():
            assert_canonical(buffer)
        if document is not roots[-1]:
            roots.append(document)
            prints.append(fingerprint(document))
    assert len(history.labels) == len(roots)
    for root in reversed(roots[:-1]):
        assert history.undo() is root
    assert history.document == unlocked(random_document(seed, depth, layers=6))
    assert not history.is_modified
    for root in roots[1:]:
        assert history.redo() is root
    assert [fingerprint(root) for root in roots] == prints


@pytest.mark.parametrize("name", EDITS)
@settings(max_examples=5, deadline=None, suppress_health_check=SLOW_DRAWS)
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_every_edit_for_itself(name: str, data: st.DataObject, seed: int) -> None:
    start = unlocked(random_document(seed))
    before = fingerprint(start)
    _, arguments = data.draw(edit_calls(start, (name,)))
    document = edited(start, name, arguments)
    assert document.check() == []
    for buffer in document.buffers():
        assert_canonical(buffer)
    assert fingerprint(start) == before
