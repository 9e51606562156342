"""The picture in the window: the tiled composite with everything drawn over it, and the tools that work on it.

    transform   where the canvas lies in the view: a frozen value
    mosaic      what is known of the composite at one level, ready for Qt to draw
    rendering   the thread that composites, and the orders it takes; `collecting` keeps it from deleting Qt objects
    picture     keeps the mosaics up to date with the document, nearest to the cursor first
    surface     the widget: paints picture and overlays, turns Qt's events into what tools understand
    view        `CanvasView`, which the window embeds: surface, rulers, guides, tools
    tool        what a tool is; `tools` are those of this package
    finding     what a click would choose: asks the worker once for each picture
    masks       the document's selection and the active layer's mask, drawn over the picture
    overlays    outlines, tints and cursors over the picture
    interactions  drawings on the canvas that plugins ask for

Embed `view.CanvasView`; all else is reached through it. No document state lives here: a tool calls the session.
"""
