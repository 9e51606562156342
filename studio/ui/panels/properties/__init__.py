"""The properties panel: the mask, the adjustment and the origin of the one chosen layer.

One module per editor; each shows an adjustment and emits the next one. It imports the session, core and the layer
panel's words.
"""

from studio.ui.panels.properties.panel import PropertiesPanel

__all__ = ["PropertiesPanel"]
