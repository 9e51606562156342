"""Selecting: the Select menu, its dialogs, and the words of the selection tools.

    text        what all of it says
    actions     the Select menu, as a table of actions
    amounts     Grow, Shrink, Border, Smooth and Feather: one number each
    color_range picked colours with a preview
    refining    a better edge, shown before it is taken
    channels    saving a selection under a name, and loading it

The tools themselves and the tint of the quick mask are in `studio.ui.canvas`, the edits in `studio.core.edits`.
"""
