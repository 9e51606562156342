"""Work of earlier runs that was not saved: found, offered on the welcome page, opened or thrown away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from studio import documents
from studio.documents import Recoverable
from studio.ui.files import FileFlow
from studio.ui.notices import Notices
from studio.ui.welcome import Welcome
from studio.ui.work import FileWork


class Recovery(QObject):
    """Looks in `folder`, where projects of documents lie that have no file of their own."""

    def __init__(
        self, folder: Path, files: FileFlow, work: FileWork, welcome: Welcome, notices: Notices, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._folder, self._files, self._work, self._welcome, self._notices = folder, files, work, welcome, notices
        welcome.recover.connect(self._recover)
        welcome.discard.connect(self._discard)

    def look(self) -> None:
        """Look for what is left over, and offer it."""
        folder = self._folder
        self._work.start("", lambda: documents.recoverable(folder), self._welcome.show_left_over, self._notices.fail)

    def _recover(self, item: Recoverable) -> None:
        self._welcome.show_left_over(())
        self._files.recover(item)

    def _discard(self, item: Recoverable) -> None:
        documents.discard(item)
        self.look()
