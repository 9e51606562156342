"""The layer panel: the document's layers as a tree, with what an artist does to them.

`model` holds the rows, `rows` paints them, `tree` turns clicks and keys into edits with the help of `eyes` and
`dragging`, `controls` are the sliders and switches above, `panel` puts it together. It imports the session and core,
and knows the window only by its actions.
"""

from studio.ui.panels.layers.panel import LayersPanel

__all__ = ["LayersPanel"]
