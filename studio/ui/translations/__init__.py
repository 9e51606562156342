"""Catalogues of the window's texts, one folder per language; English is the source and has none."""
