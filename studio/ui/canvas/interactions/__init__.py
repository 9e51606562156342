"""Drawings on the canvas that plugins ask for, each once: a value of `studio.plugin_api` in, `changed(value)` out.

    handles     the handles of a box, and what dragging one does to it; no Qt
    boxes       what all that edit boxes have in common: mouse, keys, painting
    picks       objects marked by mask, box or point, with a hover outline of what a click would choose
    regions     labelled boxes, and objects with phrase and colour
    operations  boxes that say where an object shall go, with a ghost of it
    candidates  suggested places with scores over a heat map
    marked      an object that was marked by its mask
    hover       choosing one region of a label map

Each is a `Tool`: `canvas.set_tool(RegionsInteraction(value))`.
"""
