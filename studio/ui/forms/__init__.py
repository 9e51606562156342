"""From a parameter class to widgets: one field for each kind of parameter, rows of them, and the form.

    host      what a field may use of the window: the session, the canvas, masks that were given
    field     what all fields have in common
    numbers, words, sources    a number, a text, a file or a layer
    lists     a list of things that are drawn on the canvas, both ways
    drawings  picks, regions, objects, operations, places; scenes
    row, form label, help, reset and what is wrong, for each parameter and for all
    presets   parameters under a name, kept as TOML; no Qt

A form shows and returns parameters; it knows neither plugins nor jobs. `studio.ui.panels.plugins` does.
"""
