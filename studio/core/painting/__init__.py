"""Painting: how strokes become dabs, dabs coverage, and coverage pixels; fills and gradients.

Imports core values, numpy and OpenCV only. Strokes are exact on their own, whatever the speed at which their samples
come; `studio.core.edits.strokes` makes one edit of each.
"""
