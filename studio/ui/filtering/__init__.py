"""Filters, adjustments of a layer's own pixels and edge repair: looked at on the canvas first, then done.

    background   one thread for previews and for what is then done exactly; the newest wish counts
    parameters   what each filter asks for, as the classes that forms are built from
    dialog       what all dialogs share: preview, before and after, progress, cancel, one undo step
    filters, adjusting, edges    the dialogs
    flow         opens one dialog at a time and repeats the last filter
    actions      the entries of the menus, and why one is not available

It imports the session, core, retouch, the forms, the canvas and the editors of the properties panel.
"""
