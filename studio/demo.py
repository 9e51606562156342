"""`lamina demo`: decompose the sample picture, write the PSD, and lay out what was separated on a contact sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from studio import resources
from studio.commands import RunPlugin, run_plugin
from studio.contact_sheet import Panel, contact_sheet
from studio.core import difference, edits
from studio.core.compositing import composite, composite_layers
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Point
from studio.core.layers import GroupLayer, Layer
from studio.core.pixels import Pixels
from studio.io.atomic import replacing
from studio.jobs.messages import Message, Progress
from studio.session import Session

PICTURE = "still_life.jpg"
MASKS = ("still_life_pear.png", "still_life_mug.png")
MOVE_SHARE = 0.12
"""How far the sheet moves the front object, in picture widths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The files written, and how far the stack is from the photo."""

    psd: Path
    sheet: Path
    max_difference_255: float


def run(out: Path, show: Callable[[str, float | None], None]) -> Made:
    """Decompose, save and draw the sheet into the folder `out`. Raises StudioError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"Could not make the folder {out}: {error.strerror}.", "Choose another with --out."
        ) from error
    session = Session()
    session.open(resources.sample(PICTURE))
    photo = composite(session.document)
    masks = tuple(str(resources.sample(name)) for name in MASKS)

    def listen(message: Message) -> None:
        if isinstance(message, Progress):
            show(message.stage, message.fraction)

    run_plugin(session, RunPlugin(plugin="layer_decomp", masks=masks), listen)
    psd, sheet = out / "still_life.psd", out / "still_life.sheet.png"
    show("Writing and checking the PSD", None)
    session.save(psd)
    show("Drawing the contact sheet", None)
    stack = composite(session.document)
    picture = contact_sheet(_panels(session.document, photo, stack))
    with replacing(sheet) as temporary:
        picture.save(temporary)
    return Made(psd=psd, sheet=sheet, max_difference_255=difference.measure(photo, stack).max_255)


def _panels(document: Document, photo: Pixels, stack: Pixels) -> list[Panel]:
    """The photo, each part of the stack, the stack itself, and the stack with its front object moved."""
    (whole,) = (layer for layer in document.layers if isinstance(layer, GroupLayer))
    background, *objects = whole.children
    panels = [Panel("Photo", photo), Panel("Background, nothing left behind", _alone(document, background))]
    for item in objects:
        panels.append(Panel(f"{item.name} with its effects", _alone(document, item)))
    panels.append(Panel("All layers together", stack))
    panels.append(
        Panel("Difference to the photo (black is none)", difference.heat_map(difference.distance_map(photo, stack)))
    )
    offset = Point(round(document.size.width * MOVE_SHARE), 0)
    moved = edits.translate(document, [objects[-1].id], offset)
    panels.append(Panel(f"{objects[-1].name} moved to the right", composite(moved)))
    return panels


def _alone(document: Document, layer: Layer) -> Pixels:
    return composite_layers(document, (replace(layer, visible=True),))
