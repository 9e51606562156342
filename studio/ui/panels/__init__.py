"""The panels in the docks at the window's sides. Each shows the session, sends edits, and keeps only view state."""
