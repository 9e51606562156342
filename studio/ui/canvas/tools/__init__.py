"""Tools of the canvas: looking, moving, transforming, selecting, painting. `studio.ui.toolbox` lists them.

A tool that paints is a `strokes.PaintTool`, one with a brush a `strokes.StrokeTool`; `option_line` makes their
controls, `background` does what takes long.
"""
