"""The recipes of the shared models, one module per kind."""
