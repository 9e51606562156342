"""OpenRaster (`.ora`): a zip of PNGs and a layer stack in XML, after the specification at openraster.org.

Layers, groups, visibility, opacity and the blend modes that the specification or Krita knows are written plainly. What
OpenRaster has no words for is written twice: merged into a stand-in layer for every other program, and beside it in an
element of our namespace, exactly, for us. Other programs skip elements and attributes that they do not know.
"""

from studio.io.ora.reader import read
from studio.io.ora.writer import plan, write

__all__ = ["plan", "read", "write"]
