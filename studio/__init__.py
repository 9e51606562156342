"""Lamina Studio: an image editor in which diffusion works on layers.

Imports nothing, ever: the version can be read without loading a library.
"""

__version__ = "0.1.0"
