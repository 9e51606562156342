"""The colour panel: a square of shades, sliders, a hex field, swatches and recent colours.

It sets the foreground or the background of the window's tool kit, and follows them. Imports core, canvas and Qt.
"""

from studio.ui.panels.colors.panel import ColorsPanel

__all__ = ["ColorsPanel"]
