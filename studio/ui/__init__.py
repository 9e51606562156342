"""The window: shows the session and sends intents. Qt lives here and in plugins' panels, nowhere else.

May import everything of ours but the worker and what it runs. No document state lives in a widget: what a widget shows
comes from the session's document, what the user does becomes a call of the session.
"""
