"""Finds plugins, reads their manifests, and imports their code only when it is used.

May import `studio.plugin_api` and `studio.core`. Plugins come from the program itself, from entry points in the group
`studio.plugins`, and from the user's plugin folder, in this order; the first of an id wins.
"""
