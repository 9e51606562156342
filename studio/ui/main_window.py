"""The main window: canvas in the middle, panels around it, everything it can do in menus, toolbars and the palette."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox, QToolBar, QToolButton, QWidget

import studio
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.layers import GroupLayer
from studio.documents import DocumentKeeper
from studio.jobs.request import JobId
from studio.session import DocumentOpened, LayersSelected, Session, WorkerEntry
from studio.ui import action_table, text, theme
from studio.ui.actions import ActionSet
from studio.ui.bridge import Bridge
from studio.ui.canvas.pending import ToolWork
from studio.ui.decompose import PLUGIN as DECOMPOSITION
from studio.ui.decompose import DecomposeBar, Stage
from studio.ui.docks import Docks
from studio.ui.doings import Doings
from studio.ui.files import FileFlow, dropped_files
from studio.ui.filtering.flow import Filtering
from studio.ui.language import CatalogueTranslator, chosen
from studio.ui.menus import fill_menus
from studio.ui.middle import Middle
from studio.ui.notices import Notices, installation
from studio.ui.palette import CommandPalette
from studio.ui.panels.jobs import JobsPanel
from studio.ui.panels.jobs.closing import JobsAtClosing
from studio.ui.panels.jobs.news import JobNews
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.macros.flow import Macros, RecordingSign
from studio.ui.panels.plugins import PluginPanel
from studio.ui.recovery import Recovery
from studio.ui.result_names import result_names
from studio.ui.settings import SettingsFile
from studio.ui.shortcuts import ShortcutEditor
from studio.ui.spoken import CONTEXT as PLUGIN_CONTEXT
from studio.ui.spoken import plugin_texts
from studio.ui.status import StatusBar
from studio.ui.text import say
from studio.ui.tool_buttons import ToolButtons
from studio.ui.tool_options import ToolOptions
from studio.ui.toolbox import Toolbox
from studio.ui.work import FileWork

KEEP_SAFE_MS = 250
FOLLOW_MS = 40
"""How often title, status bar and actions follow a drag, which must not wait for them."""
LAYOUT_VERSION = 1
FIRST_SIZE = (1280, 800)
PROMINENT = "ai.layer_decomp"
"""Shown with its name in the toolbar: what this program is for."""
MAIN_TOOLBAR = (
    "file.open", "file.save", "file.export", "", "edit.undo", "edit.redo", "", "ai.layer_decomp", "",
    "view.zoom_out", "view.zoom_in", "view.fit", "view.actual_size", "", "edit.palette",
)  # fmt: skip


class MainWindow(QMainWindow):
    """One window on one session. It is the `Shell` that actions work on. `seen` comes once, after it was painted first.

    Args:
        recovery: folder for projects of documents that have none; the user's own unless given.
    """

    seen = Signal()

    def __init__(
        self, session: Session, settings: SettingsFile, bridge: Bridge, *, recovery: Path | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("main")
        self.session = session
        self.settings = settings
        self._bridge = bridge
        self._closing = False
        self._pending = False
        self._looks_ahead = False
        self._was_seen = False
        self.can_paste = False
        self._plugin_words = self._translate_plugins()
        self.job_news: JobNews | None = None
        self.jobs_at_closing: JobsAtClosing | None = None
        self.keeper = DocumentKeeper(session, bridge.post, recovery)
        self.work = FileWork(bridge, self)
        self.files = FileFlow(self, self.keeper, self.work, self)
        self.toolbox = Toolbox(settings, self)
        self.toolbox.kit.target.follow(session)
        self._make_middle()
        self.notices = Notices(self.middle)
        self.filtering = Filtering(self, self.work, self)
        self.macros = Macros(self, self.work, self)
        self.action_set = ActionSet(action_table.specs(self), self, self)
        self.addActions(self.action_set.all())
        welcome = self.middle.make_welcome(self.action_set.__getitem__)
        welcome.chosen.connect(self.files.open)
        self.recovery = Recovery(self.keeper.folder, self.files, self.work, welcome, self.notices, self)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self.doings = Doings(session, self.decompose, self.status, (self.work, self.canvas.work), self)
        self.status.insertPermanentWidget(1, RecordingSign(self.macros, self.status))
        self._make_toolbars()
        self.docks = Docks(self, session, self.action_set.__getitem__)
        self.seen.connect(self.docks.complete)
        fill_menus(self.menuBar(), self.action_set, self.docks, settings, self.files.open)
        self._safety = QTimer(self, interval=KEEP_SAFE_MS, singleShot=True)
        self._safety.timeout.connect(self._keep_safe)
        self._following = QTimer(self, interval=FOLLOW_MS, singleShot=True)
        self._following.timeout.connect(self._show_state)
        self._subscriptions = Subscriptions()
        self._listen()
        self.setAcceptDrops(True)
        self.resize(*FIRST_SIZE)
        self._restore_layout()
        self._use_view_settings()
        self._on_clipboard()
        self._on_file_changed()

    def _translate_plugins(self) -> CatalogueTranslator:
        """Put up what the plugins say in the user's language, for as long as the window is there."""
        texts = plugin_texts(self.session.registry, chosen(self.settings.now.language))
        translator = CatalogueTranslator({PLUGIN_CONTEXT: texts}, self)
        QApplication.installTranslator(translator)
        self.session.names = result_names()
        return translator

    # The parts

    def _make_middle(self) -> None:
        self.middle = Middle(self.session, self)
        self.canvas = self.middle.canvas
        self.canvas.set_tool(self.toolbox.tool)
        self.options = ToolOptions(self.canvas, self.toolbox.sign_of, self)
        self.decompose = DecomposeBar(self.session, self.canvas, self.options.pages)
        self.decompose.left.connect(lambda: self.choose_tool(self.toolbox.chosen))
        self.decompose.failed.connect(lambda error: self.notices.fail(error))
        self.decompose.stage_changed.connect(self._on_stage)
        self.setCentralWidget(self.middle)

    def _make_toolbars(self) -> None:
        main = self._toolbar("toolbar.main", text.TOOLBAR_MAIN)
        for name in MAIN_TOOLBAR:
            if not name:
                main.addSeparator()
            elif name in self.action_set.specs:
                main.addAction(self.action_set[name])
        tools = ToolButtons(self.toolbox, self.action_set.__getitem__, self)
        tools.colors_wanted.connect(lambda: self.show_panel("colors"))
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, main)
        self.addToolBarBreak(Qt.ToolBarArea.TopToolBarArea)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.options)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, tools)
        for action in main.actions():
            button = main.widgetForAction(action)
            if button is not None and not action.isSeparator():
                if action.objectName() == PROMINENT and isinstance(button, QToolButton):
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setAccessibleName(action.toolTip().split("\n")[0])

    def _toolbar(self, name: str, title: str) -> QToolBar:
        bar = QToolBar(say(title), self)
        bar.setObjectName(name)
        bar.setAccessibleName(say(title))
        side = theme.current().icon_px
        bar.setIconSize(bar.iconSize().__class__(side, side))
        return bar

    # What it listens to

    def _listen(self) -> None:
        session, canvas = self.session, self.canvas
        self._subscriptions.listen(session.opened, self._on_opened)
        self._subscriptions.listen(session.was_shut, self._on_shut)
        self._subscriptions.listen(session.document_changed, self._on_changed)
        self._subscriptions.listen(session.selected, self._on_selected)
        self._subscriptions.listen(session.troubled, self._on_troubled)
        self._subscriptions.listen(self.toolbox.kit.target.changed, lambda _: self._on_paint_target())
        self._subscriptions.listen(self.keeper.troubled, self._on_safety)
        canvas.view_changed.connect(self._on_view)
        canvas.cursor_moved.connect(self.status.show_pixel)
        canvas.cursor_left.connect(self.status.leave_pixel)
        canvas.notice.connect(self.notices.tell)
        canvas.status.connect(self._on_hint)
        canvas.settled.connect(self._on_settled)
        session.pending = ToolWork(canvas)
        canvas.tool_done.connect(lambda: self.choose_tool(self.toolbox.before))
        self.status.zoom_clicked.connect(canvas.fit)
        self.doings.changed.connect(self.action_set.refresh)
        self.work.changed.connect(self._on_work)
        self.files.changed.connect(self._on_file_changed)
        self.files.glimpsed.connect(self._on_glimpsed)
        self.macros.changed.connect(self.action_set.refresh)
        QGuiApplication.clipboard().dataChanged.connect(self._on_clipboard)

    def use_worker(self, queue: Path, entry: WorkerEntry | None = None) -> None:
        """Run jobs in a worker process from now on, queued in this folder. Raises StudioError.

        Args:
            entry: the worker's main function; one that serves the installed plugins unless given.
        """
        try:
            self.session.use_worker(queue, self._bridge.post, entry)
        except (OSError, StudioError):
            self.docks.when_made("jobs", lambda panel: cast("JobsPanel", panel).show_unavailable())
            raise
        self.decompose.follow_jobs()
        self.docks.when_made("jobs", self._use_jobs_panel)
        plugins = self.docks.panel("plugins")
        if isinstance(plugins, PluginPanel):
            plugins.follow_jobs()
        self.job_news = JobNews(self.session, self.canvas, self.notices, self, self._show_job)
        self.jobs_at_closing = JobsAtClosing(self.session, self.notices, self)
        self.job_news.begin()
        self.doings.follow_jobs()
        self.action_set.refresh()

    def _use_jobs_panel(self, panel: QWidget) -> None:
        jobs = cast("JobsPanel", panel)
        jobs.follow_jobs()
        jobs.failed.connect(self.notices.fail)
        jobs.opened.connect(self.files.begin)

    def _on_opened(self, news: DocumentOpened) -> None:
        self._looks_ahead = True
        self._on_file_changed()
        self.canvas.setFocus()

    def _on_settled(self) -> None:
        """The new picture is seen: have its objects found, so that hovering is instant when it begins."""
        if self._looks_ahead and self.session.has_document:
            self._looks_ahead = False
            self.canvas.find_objects(lambda _: None)

    def _on_shut(self, _: None) -> None:
        self._on_file_changed()

    def _on_changed(self, news: DocumentChanged) -> None:
        if not self._safety.isActive():  # a drag that never pauses must not put it off
            self._safety.start()
        if not news.continues:
            self._show_state()
        elif not self._following.isActive():
            self._following.start()

    def _on_selected(self, _: LayersSelected) -> None:
        self.action_set.refresh()

    def _on_troubled(self, error: StudioError) -> None:
        self.notices.fail(error)

    def _on_safety(self, problem: object) -> None:
        if isinstance(problem, StudioError):
            self.notices.fail(StudioError(say(text.NOT_SAFE), problem.hint, f"{problem.message} {problem.detail}"))
        else:
            self.notices.tell(say(text.SAFE_AGAIN))

    def _on_paint_target(self) -> None:
        self.canvas.set_quick_mask(self.toolbox.kit.target.is_selection)
        self.action_set.refresh()

    def _on_hint(self, words: str) -> None:
        self.status.show_hint(words)
        if self._pending is not self.canvas.tool.is_pending:  # there is something to save now, or no more
            self._pending = not self._pending
            self.action_set.refresh()

    def _on_view(self) -> None:
        self.status.show_zoom(self.canvas.zoom_text)

    def _on_stage(self) -> None:
        """The bar of the decomposition stands in place of the tool's options while objects are marked."""
        self.options.put_over(self.decompose if self.decompose.stage is Stage.MARKING else None)
        self.action_set.refresh()

    def _on_glimpsed(self, image: QImage) -> None:
        if self.work.is_busy:
            self.middle.show_glimpse(image)

    def _on_work(self, stage: str) -> None:
        """Files are read one after the other; what is done for the canvas meanwhile is no reason to look away."""
        if not stage:
            self.middle.end_glimpse()

    def _show_job(self, job: JobId) -> None:
        panel = self.docks.panel("jobs")
        if self.docks.show("jobs") and isinstance(panel, JobsPanel):
            panel.choose(job)

    def _on_clipboard(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        self.can_paste = mime is not None and mime.hasImage()
        self.action_set.refresh()

    def _on_file_changed(self) -> None:
        self.docks.refresh()
        self.middle.show_file([Path(name) for name in self.settings.now.recent])
        if not self.session.has_document:
            self.status.leave_pixel()
        self._show_state()
        self._on_view()

    def _show_state(self) -> None:
        self._following.stop()
        session = self.session
        self.status.show_document(session.document if session.has_document else None)
        name = say(text.APP_NAME)
        if session.has_document:
            mark = say(text.READ_ONLY_MARK) if self.keeper.read_only else ""
            title = say(text.WINDOW_TITLE, name=f"{self.keeper.name or say(text.UNTITLED)}[*]", mark=mark)
            name = title
        self.setWindowTitle(name)
        self.setWindowModified(session.has_document and self.keeper.is_modified)
        self.action_set.refresh()

    def _keep_safe(self) -> None:
        if not self.keeper.keep_safe():
            self._safety.start()

    # What actions ask for (`actions.Shell`)

    @property
    def tool(self) -> str:
        return DECOMPOSITION if self.decompose.stage is Stage.MARKING else self.toolbox.chosen

    def choose_tool(self, name: str) -> None:
        """Work with another tool of the toolbar."""
        self.toolbox.choose(name)
        if self.decompose.stage is Stage.MARKING:
            self.decompose.cancel()
        self.canvas.set_tool(self.toolbox.tool)
        self.action_set.refresh()

    def show_palette(self) -> None:
        """Open the command palette near the top of the window."""
        palette = CommandPalette(self.action_set, self)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.open()
        corner = self.mapToGlobal(self.rect().topLeft())
        palette.move(corner.x() + (self.width() - palette.width()) // 2, corner.y() + 80)

    def show_shortcuts(self) -> None:
        """Open the shortcut editor."""
        editor = ShortcutEditor(self.action_set, self.settings, self)
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editor.open()

    def show_about(self) -> None:
        """What this program is."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(say(text.ABOUT))
        box.setText(say(text.ABOUT_TEXT, version=studio.__version__))
        box.addButton(say(text.DONE), QMessageBox.ButtonRole.AcceptRole)
        box.open()

    def copy_details(self) -> None:
        """Put a line about the program and the system on the clipboard."""
        QGuiApplication.clipboard().setText(installation())
        self.notices.tell(say(text.COPIED_DETAILS))

    def show_plugin(self, plugin_id: str) -> None:
        """Bring a plugin's panel to the front; the decomposition is begun on the canvas, one after the other."""
        if plugin_id == DECOMPOSITION and self.decompose.stage is Stage.RUNNING:
            self.show_panel("jobs")
            return
        if plugin_id == DECOMPOSITION:
            (self.decompose.cancel if self.tool == DECOMPOSITION else self.decompose.begin)()
            return
        panel = self.docks.panel("plugins")
        if panel is None or not self.docks.show("plugins"):
            self.notices.tell(say(text.DOCK_MISSING, name=say(text.DOCK_PLUGINS)))
            return
        choose = getattr(panel, "choose", None)
        if choose is not None:
            choose(plugin_id)

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front."""
        if not self.docks.show(name):
            self.notices.tell(say(text.DOCK_MISSING, name=name))

    def is_open(self, group: GroupLayer) -> bool:
        """Whether a group's layers are listed."""
        panel = self.docks.panel("layers")
        return panel.is_open(group.id) if isinstance(panel, LayersPanel) else group.expanded

    def rename_layer(self) -> None:
        """Let the user type another name for the active layer, in the layer panel."""
        panel = self.docks.panel("layers")
        if self.docks.show("layers") and isinstance(panel, LayersPanel):
            panel.rename_current()

    def set_theme(self, name: str) -> None:
        """Use another theme, now and from now on."""
        theme.apply(name)
        self.settings.change(theme=name)

    def set_language(self, name: str) -> None:
        """Use another language from the next start on."""
        self.settings.change(language=name)
        self.notices.tell(say(text.RESTART_LANGUAGE))

    @property
    def panels_hidden(self) -> bool:
        docks = list(self.docks)
        return bool(docks) and all(dock.isHidden() for dock in docks)

    def set_panels_hidden(self, hidden: bool) -> None:
        """Hide all panels, or show them again."""
        self.docks.set_visible(not hidden)

    def reset_panels(self) -> None:
        """Put all panels back where they stood at first."""
        self.docks.arrange()

    @property
    def is_full_screen(self) -> bool:
        return self.isFullScreen()

    def set_full_screen(self, on: bool) -> None:
        """Fill the screen, or not."""
        self.setWindowState(
            self.windowState() | Qt.WindowState.WindowFullScreen
            if on
            else self.windowState() & ~Qt.WindowState.WindowFullScreen
        )

    def close_window(self) -> None:
        """Close, after asking about unsaved work."""
        self.close()

    def switch_view(self, name: str) -> None:
        """Turn rulers, guides, snapping, the pixel grid or the mask's tint on or off, now and from now on."""
        self.settings.change(**{name: not getattr(self.settings.now, name)})
        self._use_view_settings()

    # Layout between runs

    def _restore_layout(self) -> None:
        now = self.settings.now
        if now.geometry:
            self.restoreGeometry(QByteArray(now.geometry))
        if now.docks:
            self.restoreState(QByteArray(now.docks), LAYOUT_VERSION)

    def _keep_layout(self) -> None:
        self.settings.change(
            geometry=bytes(self.saveGeometry().data()),
            docks=bytes(self.saveState(LAYOUT_VERSION).data()),
        )

    def _use_view_settings(self) -> None:
        now = self.settings.now
        self.canvas.set_rulers_visible(now.rulers)
        self.canvas.set_guides_visible(now.guides)
        self.canvas.set_snapping(now.snapping)
        self.canvas.set_pixel_grid_visible(now.pixel_grid)
        self.canvas.set_mask_visible(now.mask_tint)

    # Qt's events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if event.spontaneous():  # it was minimized
            return
        arrange = self.docks.tidy if self.settings.now.docks else self.docks.fit
        arrange()
        QTimer.singleShot(0, arrange)  # the first one comes before the panels know how small they can be

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_seen:
            self._was_seen = True
            QTimer.singleShot(0, self.seen.emit)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "action_set"):
            self.action_set.dress()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if (dropped_files(mime) or mime.hasImage()) and not self.work.is_busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        mime: QMimeData = event.mimeData()
        event.acceptProposedAction()
        self.files.take_drop(mime)

    def closeEvent(self, event: QCloseEvent) -> None:
        at_closing = self.jobs_at_closing
        if not self._closing and not self.canvas.tool.settle():
            event.ignore()
        elif not self._closing and at_closing is not None and at_closing.is_needed:
            event.ignore()
            at_closing.ask(lambda: self.files.ask_to_close(self._close_now))
        elif self._closing or not self.keeper.is_modified:
            self._release()
            event.accept()
        else:
            event.ignore()
            self.files.ask_to_close(self._close_now)

    def _close_now(self) -> None:
        self._closing = True
        self.close()

    def _release(self) -> None:
        """Let go of everything that outlives the widgets: threads, timers, the file, the worker."""
        self._keep_layout()
        self.docks.release()
        self.toolbox.keep()
        self.toolbox.kit.target.release()
        self._safety.stop()
        self._following.stop()
        self.filtering.release()
        self.macros.release()
        self.work.close()
        self._subscriptions.close()
        self.doings.release()
        QGuiApplication.clipboard().dataChanged.disconnect(self._on_clipboard)
        try:
            self.keeper.close(keep_edits=True)
        except StudioError as error:
            self.notices.fail(error)
        self.keeper.leave()
        self.canvas.release()
        for part in self.findChildren(QWidget):
            release = getattr(part, "release", None)
            if part is not self.canvas and callable(release):
                release()
        for part in (self.job_news, self.jobs_at_closing):
            if part is not None:
                part.release()
        self.session.close()
        self._bridge.close()
        QApplication.removeTranslator(self._plugin_words)
