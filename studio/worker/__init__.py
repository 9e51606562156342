"""Runs plugins: the code that a worker process and the inline runner share.

May import `plugin_host`, `plugin_api`, `diffusion`, `jobs` messages. Importing it loads no torch; an engine does.
"""
