"""The errors a person may see: what failed, what to do about it, and detail for the log."""


class StudioError(Exception):
    """Something could not be done.

    Args:
        message: what could not be done, in plain words, ending with a full stop.
        hint: what the user can do about it; empty when there is nothing to do.
        detail: for the log and `--debug` only.
    """

    def __init__(self, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail


class UsageError(StudioError):
    """The request itself is wrong: unknown name, bad value, missing argument. The command line exits with 2."""


class FileFormatError(StudioError):
    """A file could not be understood, or cannot be written in that format."""


class DocumentError(StudioError):
    """An edit would break the document, or names a layer that is not there."""


class LookChangesError(DocumentError):
    """An edit that should keep the picture would change it; the user may want it all the same."""


class ProtectedLayerError(DocumentError):
    """A result touches a layer that may not be changed by the model."""


class ShapeError(StudioError):
    """Arrays do not have the sizes or types that the operation needs."""


class JobCancelled(Exception):
    """The user stopped the job. Never shown as an error."""
