"""What a killed program leaves behind, without killing the test."""

from __future__ import annotations

from studio.documents import DocumentKeeper
from studio.session import Session


def abandon(keeper: DocumentKeeper, session: Session) -> None:
    """Let go of the document's project as the system does when a process dies: its lock is free, the file stays."""
    backing = keeper._backing  # pyright: ignore[reportPrivateUsage]  # a living program has no such method
    keeper._backing = None  # pyright: ignore[reportPrivateUsage]
    if backing is not None:
        backing.project.close()
    session.shut()
