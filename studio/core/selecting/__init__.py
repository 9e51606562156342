"""How selections come about: shapes, colours, and what is done to the outline of one. Plain arrays in and out.

Imports core values, numpy and OpenCV only. `studio.core.edits.selections` turns these coverages into a document's
selection.
"""
