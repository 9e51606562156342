"""Bytes to `Document` and back: one module per format, one table of formats, atomic writing.

May import `studio.core`. A reader returns a document and notices about what it could not keep; a writer can say before
what it will change, writes beside the target and renames.
"""
