"""What the macros panel says, in English; studio/ui/translations holds the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "macros"

PANEL = "Macros"
SHOW = "Show the macros"
LIST = "Macros and their steps"
EMPTY = "No macro yet. Record what you do, then play it on other pictures."
RECORD = "Record a macro"
RECORD_HELP = "What you do to the picture from now on becomes a macro. Undone steps do not count."
STOP = "Stop recording"
RECORDING = "Recording a macro"
RECORDING_HELP = "Everything that is done to the picture is recorded. Click to stop and keep it."
PLAY = "Play macro"
PLAY_NAMED = "Play “{name}”"
PLAY_HELP = "Does all its steps to the open picture, as one step to undo. When one fails, none is done."
PLAYING = "Playing “{name}”"
PLAYED = "Played “{name}”."
PLAYED_NOTHING = "“{name}” changed nothing here."
RENAME = "Rename"
DELETE = "Delete"
MORE = "More"
IMPORT = "Import…"
EXPORT = "Export…"
IMPORT_TITLE = "Import a macro"
EXPORT_TITLE = "Export a macro"
FILE_FILTER = "Macros (*.json)"
IMPORTED = "Imported “{name}”."
EXPORTED = "Exported {file}. It is a recipe of lamina batch, too."
DELETED = "Deleted the macro “{name}”."
PUT_BACK = "Put back"
STEP_NUMBER = "{number}. {step}"
BROKEN = "This macro cannot be read: {why}"

# Keeping
SAVE_TITLE = "Keep the macro"
NAME = "Name"
NEW_NAME = "Macro {number}"
STEPS = "Steps: {count}"
LEFT_OUT = "These steps cannot be told to other pictures, so they are left out: {steps}."
REPLACES = "This replaces the macro of that name."
KEEP = "Keep"
DISCARD = "Discard"
GO_ON = "Go on recording"
KEPT = "Kept the macro “{name}”."
NOTHING = "Nothing was recorded."
ENDED = "The document was closed, so the recording ended."

# Why not
RUNS_PLUGIN = "“{name}” runs a plugin, which cannot be done from here."
RUNS_PLUGIN_HINT = "Export it and use it with lamina batch, or run the plugin from its panel."
NEEDS_MACRO = "Choose a macro first."
NEEDS_DOCUMENT = "Open a picture first."
IS_BUSY = "Something else is being done."


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
