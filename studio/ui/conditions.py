"""What must be the case for an action of the window: each answers why not, or an empty text."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, GroupLayer, Layer, LayerId, Place, RasterLayer, place_of
from studio.lettering import is_written
from studio.ui import text
from studio.ui.actions import Shell
from studio.ui.text import say


def has_document(shell: Shell) -> str:
    return "" if shell.session.has_document else say(text.NEEDS_DOCUMENT)


def has_several(shell: Shell) -> str:
    """More than one layer in the document."""
    reason = has_document(shell)
    return reason or ("" if sum(1 for _ in shell.session.document.walk()) > 1 else say(text.NEEDS_SEVERAL))


def has_layer(shell: Shell) -> str:
    """At least one layer is chosen."""
    return has_document(shell) or ("" if shell.session.selection else say(text.NEEDS_LAYER))


def one_layer(shell: Shell) -> str:
    reason = has_layer(shell)
    return reason or ("" if len(shell.session.selection) == 1 else say(text.NEEDS_ONE_LAYER))


def one_raster(shell: Shell) -> str:
    return one_layer(shell) or ("" if isinstance(active(shell), RasterLayer) else say(text.NEEDS_PIXELS))


def one_text(shell: Shell) -> str:
    """One text layer, whether it can still be edited or not."""
    reason = one_raster(shell)
    layer = None if reason else active(shell)
    return reason or ("" if isinstance(layer, RasterLayer) and layer.lettering is not None else say(text.NEEDS_TEXT))


def no_text(shell: Shell) -> str:
    """None of the chosen layers is a text that can still be edited: other pixels would end that."""
    reason = has_layer(shell)
    layers = () if reason else (shell.session.document.layer(layer) for layer in shell.session.selection)
    found = next((layer for layer in layers if is_written(layer)), None)
    return reason or ("" if found is None else say(text.NEEDS_NO_TEXT, name=found.name))


def one_group(shell: Shell) -> str:
    return one_layer(shell) or ("" if isinstance(active(shell), GroupLayer) else say(text.NEEDS_GROUP))


def one_picture(shell: Shell) -> str:
    """One layer or group that has pixels."""
    return one_layer(shell) or (say(text.NEEDS_PIXELS) if isinstance(active(shell), AdjustmentLayer) else "")


def one_masked(shell: Shell) -> str:
    return one_layer(shell) or ("" if active(shell).mask is not None else say(text.NEEDS_MASK))


def one_unmasked(shell: Shell) -> str:
    return one_layer(shell) or ("" if active(shell).mask is None else say(text.NEEDS_NO_MASK))


def one_unmasked_raster(shell: Shell) -> str:
    return one_raster(shell) or one_unmasked(shell)


def all_groups(shell: Shell) -> str:
    """Every chosen layer is a group."""
    reason = has_layer(shell)
    if reason:
        return reason
    layers = (shell.session.document.layer(layer) for layer in shell.session.selection)
    return "" if all(isinstance(layer, GroupLayer) for layer in layers) else say(text.NEEDS_GROUP)


def has_below(shell: Shell) -> str:
    """The lowest chosen layer has another below it in its group."""
    reason = has_layer(shell)
    if reason:
        return reason
    lowest = place_of(shell.session.document.layers, shell.session.selection[-1])
    return "" if lowest is not None and lowest.index > 0 else say(text.NEEDS_BELOW)


def has_above(shell: Shell) -> str:
    """The topmost chosen layer has another above it in its group."""
    reason = has_layer(shell)
    if reason:
        return reason
    at = place(shell)
    return "" if at.index < len(siblings(shell.session.document, at.parent)) - 1 else say(text.NEEDS_ABOVE)


def can_rise(shell: Shell) -> str:
    """There is something above the topmost chosen layer, or a group around it."""
    return has_layer(shell) or ("" if one_step(shell, up=True) is not None else say(text.NEEDS_ABOVE))


def can_sink(shell: Shell) -> str:
    """There is something below the lowest chosen layer, or a group around it."""
    return has_layer(shell) or ("" if one_step(shell, up=False) is not None else say(text.NEEDS_BELOW))


def one_step(shell: Shell, *, up: bool) -> Place | None:
    """The place one row further up or down for the chosen layers; None at the end.

    They go into open groups and out of the group that holds them, as the rows stand in the layer panel.
    """
    document, chosen = shell.session.document, shell.session.selection
    at = place_of(document.layers, chosen[0 if up else -1])
    assert at is not None, "a chosen layer is in the document"
    around = siblings(document, at.parent)
    beside = at.index + (1 if up else -1)
    if 0 <= beside < len(around):
        other = around[beside]
        if isinstance(other, GroupLayer) and other.id not in chosen and shell.is_open(other):
            return Place(other.id, 0 if up else len(other.children))
        return Place(at.parent, beside + 1 if up else beside)
    if at.parent is None:
        return None
    outer = place_of(document.layers, at.parent)
    assert outer is not None, "a group that holds a layer is in the document"
    return Place(outer.parent, outer.index + 1 if up else outer.index)


def several_or_below(shell: Shell) -> str:
    """Several chosen layers, or one with another below it."""
    reason = has_layer(shell)
    return reason or ("" if len(shell.session.selection) > 1 else has_below(shell))


def active(shell: Shell) -> Layer:
    """The first of the chosen layers; there must be one."""
    return shell.session.document.layer(shell.session.selection[0])


def place(shell: Shell) -> Place:
    """Where the active layer is."""
    found = place_of(shell.session.document.layers, shell.session.selection[0])
    assert found is not None, "a chosen layer is in the document"
    return found


def siblings(document: Document, parent: LayerId | None) -> Sequence[Layer]:
    """The layers inside a group, or at the top level."""
    group = None if parent is None else document.layer(parent)
    return group.children if isinstance(group, GroupLayer) else document.layers
