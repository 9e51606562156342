"""Catalogues of the window's texts, one TOML file per language; English is the source and has none."""
