"""The layer panel: controls, the list, and a bar of commands. It shows the session's document and keeps none itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from studio.core.events import DocumentChanged, Subscriptions
from studio.core.layers import LayerId
from studio.session import DocumentOpened, LayersSelected, Session
from studio.ui import theme
from studio.ui.icons import icon
from studio.ui.panels.layers import text
from studio.ui.panels.layers.controls import NEW_MASKS, Actions, LayerControls, action_button, fill, menu_button
from studio.ui.panels.layers.kinds import KINDS
from studio.ui.panels.layers.text import say
from studio.ui.panels.layers.tree import LayerTree
from studio.ui.toolbox import HasToolbox

ADJUSTMENTS = tuple(f"layer.new_{name}" for name, _, _ in KINDS)
PICTURE_FIELDS = frozenset({"kind", "pixels", "mask"})
"""Fields of a layer that its thumbnails show."""
MASK = (
    *NEW_MASKS, "", "layer.mask_enabled", "layer.mask_linked", "layer.select_mask", "", "layer.invert_mask",
    "layer.apply_mask", "layer.remove_mask",
)  # fmt: skip
LOCKS = ("layer.lock_alpha", "layer.lock_pixels", "layer.lock_position")
CONTEXT_MENU = (
    "layer.rename", "layer.duplicate", "layer.delete", "layer.properties", "select.layer", "",
    "layer.group", "layer.ungroup", "",
    "layer.merge_down", "layer.merge_group", "layer.merge_visible", "image.flatten", "",
    "layer.visible", "layer.solo", "layer.clipping", "layer.ai_visible", "layer.ai_editable", "",
)  # fmt: skip


class LayersPanel(QWidget):
    """Call `use_actions` with the window's actions for the buttons and the context menu, and `release` at the end."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._actions: Actions | None = None
        self.setAccessibleName(say(text.PANEL))
        self.controls = LayerControls(session, self)
        self.tree = LayerTree(session, self)
        self.empty = QLabel(self)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.tree)
        self.pages.addWidget(self.empty)
        self.bar = QWidget(self)
        self.bar.setAccessibleName(say(text.COMMANDS))
        self._buttons = QHBoxLayout(self.bar)
        self._buttons.setContentsMargins(4, 1, 4, 2)
        self._buttons.setSpacing(0)
        self._signs: dict[QToolButton, str] = {}
        self.bar.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.controls)
        column.addWidget(self.pages, 1)
        column.addWidget(self.bar)
        self.tree.menu_wanted.connect(self.show_menu)
        self.tree.properties_wanted.connect(lambda: self._trigger("layer.properties"))
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.opened, self._on_opened)
        self._subscriptions.listen(session.was_shut, self._on_shut)
        self._subscriptions.listen(session.document_changed, self._on_changed)
        self._subscriptions.listen(session.selected, self._on_selected)
        self._show_all()

    def use_actions(self, actions: Actions) -> None:
        """Make the buttons of the window's actions."""
        self._actions = actions
        self.controls.use_actions(actions)
        for name in ("layer.new", "layer.new_group"):
            self._buttons.addWidget(action_button(actions(name), self.bar))
        for sign, name, entries in (
            ("mask", text.ADD_MASK, NEW_MASKS),
            ("adjustment", text.ADD_ADJUSTMENT, ADJUSTMENTS),
        ):
            button = menu_button(say(name), entries, actions, self.bar)
            self._signs[button] = sign
            self._buttons.addWidget(button)
        self._dress()
        self._buttons.addStretch(1)
        for name in ("layer.duplicate", "layer.merge_down", "layer.delete"):
            self._buttons.addWidget(action_button(actions(name), self.bar))
        self.bar.setVisible(True)

    def use_window(self, window: HasToolbox) -> None:
        """Show and choose what the tools of this window paint on."""
        target = window.toolbox.kit.target
        self.tree.use_target(target)
        self._subscriptions.listen(target.changed, lambda _: self.tree.viewport().update())

    def rename_current(self) -> None:
        """Let the user type another name for the active layer."""
        self.tree.setFocus()
        self.tree.rename_current()

    def is_open(self, group: LayerId) -> bool:
        """Whether the layers of a group are listed."""
        return self.tree.is_open(group)

    def release(self) -> None:
        """Hear nothing more and stop what goes on by itself."""
        self._subscriptions.close()
        self.tree.release()

    def show_menu(self, at: QPoint) -> None:
        """The context menu of the chosen layers at a global point."""
        menu = self.context_menu()
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)

    def context_menu(self) -> QMenu | None:
        """The menu for the chosen layers; None without actions or a document."""
        if self._actions is None or not self._session.has_document:
            return None
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        fill(menu, CONTEXT_MENU, self._actions)
        for title, names in (
            (text.MASK_TITLE, MASK),
            (text.ADD_ADJUSTMENT, ADJUSTMENTS),
            (text.LOCKS, LOCKS),
        ):
            part = QMenu(say(title), menu)
            part.setToolTipsVisible(True)
            fill(part, names, self._actions)
            menu.addMenu(part)
        if (labels := self.controls.label_button.menu()) is not None:
            entry = menu.addMenu(labels)
            entry.setText(say(text.LABEL_BUTTON))
        return menu

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_signs"):
            self.tree.thumbnails.forget()
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        side = theme.current().icon_px - 2
        for button, sign in self._signs.items():
            button.setIcon(icon(sign))
            button.setIconSize(QSize(side, side))

    # What the session tells

    def _on_opened(self, _: DocumentOpened) -> None:
        self._show_all()

    def _on_shut(self, _: None) -> None:
        self._show_all()

    def _on_changed(self, news: DocumentChanged) -> None:
        tree, changes = self.tree, news.changes
        if "size" in changes.document_fields:
            tree.thumbnails.show(news.new)
        tree.thumbnails.show(news.new, [key for key, names in changes.fields.items() if names & PICTURE_FIELDS])
        if changes.removed:
            tree.thumbnails.forget(changes.removed)
        tree.following = True
        tree.layers.update(news.new, changes)
        if changes.structure_changed:
            tree.cancel_drag()
            tree.fit_indentation()
            tree.open_groups()
        tree.following = False
        tree.show_chosen(self._session.selection)
        if any({"visible", "clipping"} & names for names in changes.fields.values()):
            tree.viewport().update()  # what is inside a hidden group is dimmed too
        if changes.structure_changed or not changes.fields.keys().isdisjoint(self._session.selection):
            self._show_controls()
        self._show_page()
        tree.keep_open_groups_soon()

    def _on_selected(self, news: LayersSelected) -> None:
        self.tree.show_chosen(news.layers)
        self._show_controls()

    def _show_all(self) -> None:
        document = self._session.document if self._session.has_document else None
        tree = self.tree
        tree.forget_view()
        tree.thumbnails.show(document)
        tree.following = True
        tree.layers.show(document)
        tree.fit_indentation()
        tree.open_groups()
        tree.following = False
        tree.show_chosen(self._session.selection)
        self._show_controls()
        self._show_page()

    def _show_controls(self) -> None:
        document = self._session.document if self._session.has_document else None
        self.controls.show_layers(document, self._session.selection)

    def _show_page(self) -> None:
        has = self._session.has_document
        self.empty.setText(say(text.NO_LAYERS if has else text.NO_DOCUMENT))
        self.pages.setCurrentWidget(self.tree if has and self._session.document.layers else self.empty)

    def _trigger(self, action_id: str) -> None:
        if self._actions is not None:
            self._actions(action_id).trigger()
