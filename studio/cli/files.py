"""`lamina info`, `convert`, `verify` and `diff`: what is in a file, and whether two agree."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from studio.cli.output import print_json, show_notices
from studio.cli.run import AdjustmentsOption, check_target
from studio.core import difference
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.io import psd
from studio.io.delivery import Adjustments
from studio.io.formats import format_for_writing, open_document, save_document
from studio.io.report import Fate
from studio.summary import describe, tree_lines

FileArgument = Annotated[Path, typer.Argument(metavar="FILE")]


def info(
    file: FileArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, provenance included.")] = False,
) -> None:
    """Show the layer tree of a file: names, modes, opacity, bounds, masks, and how each layer was made."""
    opened = open_document(file)
    if as_json:
        print_json({"file": str(file), **describe(opened.document), "notices": [str(n) for n in opened.notices]})
        return
    document = opened.document
    profile = f"ICC profile of {len(document.icc)} bytes" if document.icc else "no ICC profile (sRGB)"
    typer.echo(f"{file}: {document.size.width} x {document.size.height} px, {int(document.depth)} bit, {profile}")
    for line in tree_lines(document):
        typer.echo(f"  {line}")
    show_notices(opened.notices)


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN")],
    target: Annotated[Path, typer.Argument(metavar="OUT")],
    adjustments: AdjustmentsOption = Adjustments.BAKED,
) -> None:
    """Convert between any two formats, and say what the new file could not keep."""
    check_target(target)
    opened = open_document(source)
    typer.echo(f"Converting {source.name}", err=True)
    entry = format_for_writing(target)
    fitted = entry.fitted(opened.document, adjustments)
    show_notices([*opened.notices, *fitted.notices, *entry.codec.plan(fitted.document)], kept=True)
    if any(notice.fate is Fate.BAKED for notice in fitted.notices):
        typer.echo("  --adjustments live keeps the adjustment layers, for Photoshop.", err=True)
    written = entry.codec.write(fitted.document, target)
    typer.echo(f"{target}: {sum(1 for _ in fitted.document.walk())} layers")
    for name, value in written.figures:
        typer.echo(f"  {name}: {value:.4g}")


def verify(
    file: FileArgument,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DOC", help="Compare with this document.")
    ] = None,
) -> None:
    """Check a PSD: stored picture against layers, and tree and pixels against a document. Exit code 1 when it fails."""
    report = psd.verify(file, None if against is None else open_document(against).document)
    for name, value in report.figures:
        typer.echo(f"  {name}: {value:.4g}")
    for fault in report.faults:
        typer.echo(f"  FAULT: {fault}")
    typer.echo(f"{file}: {'passes' if not report.faults else f'fails with {len(report.faults)} faults'}")
    if report.faults:
        raise typer.Exit(1)


def diff(
    first: Annotated[Path, typer.Argument(metavar="A")],
    second: Annotated[Path, typer.Argument(metavar="B")],
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="MAP.png", help="Write a heat map.")] = None,
) -> None:
    """Compare two pictures or documents as they look: largest difference, 95th percentile, PSNR."""
    if output is not None:
        check_target(output)
    pictures = [composite(open_document(path).document) for path in (first, second)]
    found = difference.measure(pictures[0], pictures[1])
    psnr = "equal" if math.isinf(found.psnr_db) else f"{found.psnr_db:.2f} dB"
    figures = f"max {found.max_255:.3g}/255 · p95 {found.p95_255:.3g}/255 · PSNR {psnr}"
    typer.echo(f"{figures} · {found.changed_share:.2%} of pixels differ")
    if output is not None:
        heat = difference.heat_map(difference.distance_map(pictures[0], pictures[1]))
        layer = RasterLayer(name="Difference", pixels=PixelBuffer.from_array(heat))
        save_document(Document(size=Size(heat.shape[1], heat.shape[0]), layers=(layer,)), output)
        typer.echo(f"{output}: black is equal, white is far")
