"""The panel that runs plugins: method, engine, parameters, seed, run; recipes of layers, variations, results.

panel      what stands where, and what runs
engines    choice of an engine with licence, size, memory, and why it cannot run
running    seed, steps, Run and Cancel with the state of the run
recipes    the recipe of a layer: opening it, leaving it
keeping    presets and reset, as a menu
"""

from studio.ui.panels.plugins.panel import PluginPanel

__all__ = ["PluginPanel"]
