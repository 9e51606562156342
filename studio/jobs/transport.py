"""Values between processes with their pixels in shared memory: the pickle travels through the pipe, the arrays do not.

Only our own two processes exchange these; nothing that comes from a file is ever unpickled.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory

ALIGN_BYTES = 64


@dataclass(frozen=True, slots=True)
class Parcel:
    """A packed value: its pickle, and where its buffers lie in the shared block (empty name: it has none)."""

    data: bytes
    block: str
    spans: tuple[tuple[int, int], ...]


def pack(value: object) -> Parcel:
    """Copy the value's arrays into one new block of shared memory. Whoever unpacks the parcel removes the block."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    spans: list[tuple[int, int]] = []
    end = 0
    for view in views:
        spans.append((end, view.nbytes))
        end += -(-view.nbytes // ALIGN_BYTES) * ALIGN_BYTES
    if not end:
        return Parcel(data, "", tuple(spans))
    block = SharedMemory(create=True, size=end)
    memory = _memory(block)
    for (start, length), view in zip(spans, views, strict=True):
        memory[start : start + length] = view
    memory.release()
    name = block.name
    block.close()
    return Parcel(data, name, tuple(spans))


def unpack(parcel: Parcel) -> object:
    """The value, with arrays of its own; the shared block is gone afterwards."""
    if not parcel.block:
        return pickle.loads(parcel.data, buffers=[bytearray(length) for _, length in parcel.spans])
    block = SharedMemory(parcel.block)
    try:
        with _memory(block) as memory:
            copies = [bytearray(memory[start : start + length]) for start, length in parcel.spans]
    finally:
        block.close()
        block.unlink()
    return pickle.loads(parcel.data, buffers=copies)


def _memory(block: SharedMemory) -> memoryview:
    assert block.buf is not None  # it is None only once the block is closed
    return block.buf[:]


def discard(parcel: Parcel) -> None:
    """Free the block of a parcel that nobody will unpack; one that is gone already is fine."""
    if parcel.block:
        try:
            block = SharedMemory(parcel.block)
        except FileNotFoundError:
            return
        block.close()
        block.unlink()
