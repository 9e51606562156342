"""Photoshop documents, PSD and PSB: reading with a loss report, writing behind the PSD gate.

    read      file -> document; colours become RGB, what Lamina has no layer for becomes pixels or is named
    write     document -> file that has been read back and compared before it gets its name
    plan      what a write would change, before it is done
    fit       the document with its adjustment layers live, or baked for programs that pass over them
    verify    the gate on its own, for any PSD
    merged_preview   the stored merged image alone, for a fast first picture

psd-tools reads and writes the container. Its traps are met here: groups get channel lists of their own, names go into
the Unicode block, layers get transparency and not masks, and the merged image is our compositor's.
"""

from studio.io.psd.adjustments import fit
from studio.io.psd.gate import GateReport, verify
from studio.io.psd.merged import merged_preview
from studio.io.psd.reader import read
from studio.io.psd.writer import plan, write

__all__ = ["GateReport", "fit", "merged_preview", "plan", "read", "verify", "write"]
