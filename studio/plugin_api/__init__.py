"""What plugins import: parameters, manifest, context and results; and `testing`, the conformance kit.

May import `studio.core`. A plugin gets a `Context` and its parameters, and gives back `Results`; it never sees the
document of the user, the queue or the window.
"""
