"""Tools of the canvas itself: hand, zoom, rotate, move."""
