"""Changing attention through processors, and putting back what was there.

`swap` installs and restores, `layers` names the attention layers of a model, `tracking` measures token grids while the
model runs, `processors` has the two kinds of processor to derive from. `forward` methods are never replaced.
"""
