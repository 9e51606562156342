"""Results of earlier runs: thumbnails to apply, compare and delete.

gallery    the list and its buttons
comparing  the overlay that shows on the canvas what a result would look like
pictures   thumbnails, made on a thread
"""
