"""Batches by number, made by worker processes while the last one is learned from."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from studio.training.recipe import Batch, Data

_NICER = 5
"""Workers give way to the training itself where cores are few."""
_AHEAD = 3


class _Numbered(Dataset[Batch]):
    def __init__(self, data: Data) -> None:
        self._data = data

    def __getitem__(self, index: int) -> Batch:
        return self._data(index)


class _From(Sampler[int]):
    """first, first + stride, ... without end."""

    def __init__(self, first: int, stride: int) -> None:
        self._first, self._stride = first, stride

    def __iter__(self) -> Iterator[int]:
        index = self._first
        while True:
            yield index
            index += self._stride


def batches(data: Data, first: int, stride: int, workers: int) -> Iterator[Batch]:
    """Batches `first`, `first + stride`, ... in order; without workers they are made where they are asked for."""
    loader = DataLoader(
        _Numbered(data),
        batch_size=None,
        sampler=_From(first, stride),
        num_workers=workers,
        worker_init_fn=_settle if workers else None,
        prefetch_factor=_AHEAD if workers else None,
        # A fork would copy a process whose threads hold locks.
        multiprocessing_context="spawn" if workers else None,
        pin_memory=torch.cuda.is_available(),
    )
    with _deaths_found_by_next():
        return iter(loader)


@contextmanager
def _deaths_found_by_next() -> Iterator[None]:
    """Keep torch's handler of ended child processes from being installed: it raises wherever the program happens to be.

    Without it, the loader itself finds within seconds that a worker has died, when the next batch is asked for.
    """
    if not hasattr(signal, "SIGCHLD") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGCHLD)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)


def _settle(worker: int) -> None:
    """One thread, and less urgent than the trainer."""
    del worker
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(_NICER)
