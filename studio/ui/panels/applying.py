"""Edits that a panel asks for: applied to the session, with refusals told by it."""

from __future__ import annotations

from collections.abc import Hashable

from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.session import Session


def apply(session: Session, edit: LabelledEdit, merge_key: Hashable = None) -> bool:
    """Whether the edit was done; one that cannot be done becomes a notice. What a tool has pending comes first."""
    if not session.settle():
        return False
    try:
        session.history.apply(edit, merge_key=merge_key)
    except StudioError as error:
        session.troubled.emit(error)
        return False
    return True
