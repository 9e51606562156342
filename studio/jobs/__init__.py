"""Work that takes time: the request, its states and messages, and the runners.

May import `studio.plugin_api` and `studio.core`. A request comes from the session; results go back to it as an edit.
"""
