"""Values and pure functions: the document, its pixels, edits, history and the compositor.

May import nothing of ours. Data comes in as arrays from `io` and `plugins`, and leaves as immutable `Document` roots.
"""
