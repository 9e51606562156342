"""The practice world."""
