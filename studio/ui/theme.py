"""The looks of the window: colours and measures, as a Qt palette and a small style sheet on the Fusion style.

Surfaces are neutral greys, so that no tint of the window changes how colours of the picture are judged. Every pair of
text and ground keeps a contrast of 4.5 to 1 at least; tests/ui/shell checks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from PySide6.QtGui import QBrush, QColor, QPalette
from PySide6.QtWidgets import QApplication

from studio import resources

_PROPERTY = "laminaTheme"
DEFAULT = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours as #rrggbb. `window` is the ground of panels, `base` of lists and fields, `raised` of buttons."""

    name: str
    dark: bool
    window: str
    base: str
    raised: str
    text: str
    muted: str
    disabled: str
    accent: str
    selection: str
    selection_text: str
    danger: str
    warning: str
    good: str
    border: str
    canvas: str
    checker_light: str
    checker_dark: str
    outlined: bool = False
    """Whether controls have outlines in the border's colour."""
    spacing_px: int = 8
    radius_px: int = 4
    icon_px: int = 20


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        theme.name: theme
        for theme in (
            Theme(
                name="dark", dark=True, window="#303030", base="#242424", raised="#3e3e3e", text="#e8e8e8",
                muted="#b0b0b0", disabled="#7c7c7c", accent="#5aa9ff", selection="#2f5f96", selection_text="#ffffff",
                danger="#ff8a80", warning="#ffc266", good="#7fd38a", border="#4a4a4a", canvas="#202020",
                checker_light="#999999", checker_dark="#666666",
            ),
            Theme(
                name="light", dark=False, window="#efefef", base="#ffffff", raised="#fafafa", text="#1c1c1c",
                muted="#5a5a5a", disabled="#9a9a9a", accent="#1766c4", selection="#cfe2f8", selection_text="#101010",
                danger="#b3261e", warning="#8a5300", good="#1d6b2b", border="#c6c6c6", canvas="#c9c9c9",
                checker_light="#ffffff", checker_dark="#cccccc",
            ),
            Theme(
                name="grey", dark=True, window="#535353", base="#464646", raised="#616161", text="#f4f4f4",
                muted="#e2e2e2", disabled="#939393", accent="#9ccdff", selection="#2f5d8f", selection_text="#ffffff",
                danger="#ffb4ab", warning="#ffd591", good="#a9e5b1", border="#6d6d6d", canvas="#404040",
                checker_light="#aaaaaa", checker_dark="#808080",
            ),
            Theme(
                name="high_contrast", dark=True, window="#000000", base="#000000", raised="#000000", text="#ffffff",
                muted="#ffffff", disabled="#a8a8a8", accent="#ffd800", selection="#ffd800", selection_text="#000000",
                danger="#ff9d9d", warning="#ffd800", good="#8cff9b", border="#ffffff", canvas="#000000",
                checker_light="#bbbbbb", checker_dark="#444444", outlined=True,
            ),
        )
    }
)  # fmt: skip


def current() -> Theme:
    """The theme of the running application; dark before one was applied."""
    application = QApplication.instance()
    name = application.property(_PROPERTY) if application is not None else None
    return THEMES.get(str(name), THEMES[DEFAULT])


def apply(name: str) -> Theme:
    """Give the running application this theme; the default one for an unknown name."""
    application = cast("QApplication", QApplication.instance())
    theme = THEMES.get(name, THEMES[DEFAULT])
    application.setProperty(_PROPERTY, theme.name)
    application.setPalette(palette_of(theme))
    application.setStyleSheet(style_sheet(theme))
    return theme


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's palette, disabled colours included."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, color in (
        (roles.Window, theme.window),
        (roles.WindowText, theme.text),
        (roles.Base, theme.base),
        (roles.AlternateBase, theme.window),
        (roles.Text, theme.text),
        (roles.PlaceholderText, theme.muted),
        (roles.Button, theme.raised),
        (roles.ButtonText, theme.text),
        (roles.BrightText, theme.danger),
        (roles.Highlight, theme.selection),
        (roles.HighlightedText, theme.selection_text),
        (roles.Accent, theme.accent),
        (roles.Link, theme.accent),
        (roles.LinkVisited, theme.accent),
        (roles.ToolTipBase, theme.base),
        (roles.ToolTipText, theme.text),
        (roles.Light, theme.border),
        (roles.Midlight, theme.raised),
        (roles.Mid, theme.border),
        (roles.Dark, theme.border),
        (roles.Shadow, theme.border),
    ):
        palette.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return palette


def style_sheet(theme: Theme) -> str:
    """What the palette cannot say: thin borders, roomy menus, flat toolbars and docks, a visible focus."""
    sheet = _SHEET + (_OUTLINED if theme.outlined else "")

    def sign(name: str) -> str:
        return (resources.assets_dir() / "theme" / f"{name}.svg").as_posix()

    return sheet.format(
        **{name: getattr(theme, name) for name in ("window", "base", "raised", "text", "muted", "disabled", "accent")},
        selection=theme.selection,
        selection_text=theme.selection_text,
        border=theme.border,
        radius=theme.radius_px,
        space=theme.spacing_px,
        check=sign("check-dark" if theme.dark else "check-light"),
        arrow_up=sign("arrow-up-light" if theme.dark else "arrow-up-dark"),
        arrow_down=sign("arrow-down-light" if theme.dark else "arrow-down-dark"),
        no_arrow_up=sign("arrow-up-disabled"),
        no_arrow_down=sign("arrow-down-disabled"),
    )


_SHEET = """
QMainWindow::separator {{ background: {border}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QMenuBar {{ background: {window}; padding: 2px 4px; border-bottom: 1px solid {border}; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: {radius}px; background: transparent; }}
QMenuBar::item:selected {{ background: {selection}; color: {selection_text}; }}
QMenu {{ background: {base}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 24px; border-radius: {radius}px; }}
QMenu::item:selected {{ background: {selection}; color: {selection_text}; }}
QMenu::item:disabled {{ color: {disabled}; }}
QMenu::item:disabled:selected {{ background: transparent; color: {disabled}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}
QMenu::indicator {{ left: 6px; width: 14px; height: 14px; }}
QToolBar {{ background: {window}; border: none; border-bottom: 1px solid {border}; padding: 3px 6px; spacing: 2px; }}
QToolBar:vertical {{ border-bottom: none; border-right: 1px solid {border}; padding: 6px 3px; }}
QToolBar::separator {{ background: {border}; width: 1px; height: 1px; margin: 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: {radius}px; padding: 4px; background: transparent; }}
QToolButton:hover:enabled {{ background: {raised}; border-color: {border}; }}
QToolButton:checked {{ background: {selection}; color: {selection_text}; border-color: {selection}; }}
QToolButton[fold="true"]:checked {{ background: transparent; color: {text}; border-color: transparent; }}
QToolButton:focus, QToolButton[fold="true"]:focus {{ border-color: {accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QDockWidget::title {{ background: {window}; padding: 7px 10px; border-bottom: 1px solid {border}; text-align: left; }}
QStatusBar {{ background: {window}; border-top: 1px solid {border}; color: {muted}; }}
QStatusBar::item {{ border: none; }}
DecomposeBar {{ background: {raised}; border: 1px solid {border}; border-radius: {radius}px; }}
DecomposeBar QPushButton {{ padding: 3px 14px; }}
QToolTip {{ background: {base}; color: {text}; border: 1px solid {border}; padding: 4px 6px; }}
QPushButton {{ padding: 5px 14px; border: 1px solid {border}; border-radius: {radius}px; background: {raised}; }}
QPushButton:hover:enabled {{ border-color: {accent}; }}
QPushButton:focus {{ border-color: {accent}; }}
QPushButton:default {{ background: {selection}; color: {selection_text}; border-color: {accent}; }}
QPushButton:disabled {{ color: {disabled}; }}
QPushButton:default:disabled {{ background: {raised}; color: {disabled}; border-color: {border}; }}
QPushButton:flat {{ border-color: transparent; background: transparent; }}
QPushButton:flat:focus, QPushButton:flat:hover:enabled {{ border-color: {accent}; }}
QLineEdit, QPlainTextEdit, QTextEdit {{
    background: {base}; border: 1px solid {border}; border-radius: {radius}px; padding: 4px 6px;
    selection-background-color: {selection}; selection-color: {selection_text};
}}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {accent}; }}
QListView, QTreeView, QTableView {{ background: {base}; border: 1px solid {border}; border-radius: {radius}px; }}
QListView:focus, QTreeView:focus, QTableView:focus {{ border-color: {accent}; }}
QTreeView[roomy="true"]::item, QListView[roomy="true"]::item {{ padding: 5px 4px; }}
QTabWidget::pane {{ border: 1px solid {border}; background: {window}; }}
QHeaderView::section {{
    background: {window}; color: {muted}; border: none; border-bottom: 1px solid {border}; padding: 5px 8px;
}}
QTabBar::tab {{ padding: 6px 12px; border: none; border-bottom: 2px solid transparent; color: {muted}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ color: {accent}; }}
QComboBox, QAbstractSpinBox {{ min-height: 20px; }}
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator {{
    width: 12px; height: 12px; border: 1px solid {muted}; border-radius: 3px; background: {base};
}}
QRadioButton::indicator {{ border-radius: 7px; }}
QCheckBox::indicator:checked, QGroupBox::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{check}");
}}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {accent}; background: {base}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled, QGroupBox::indicator:disabled {{
    border-color: {disabled};
}}
QCheckBox::indicator:checked:disabled, QGroupBox::indicator:checked:disabled {{ background: {disabled}; }}
QCheckBox:focus, QRadioButton:focus {{ color: {accent}; }}
"""

_OUTLINED = """
QComboBox, QAbstractSpinBox {{ border: 1px solid {border}; border-radius: {radius}px; padding: 2px 4px; }}
QComboBox:focus, QAbstractSpinBox:focus {{ border: 2px solid {accent}; padding: 1px 3px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    subcontrol-origin: border; width: 18px; border-left: 1px solid {border};
}}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; border-top: 1px solid {border}; }}
QAbstractSpinBox[plain="true"]::up-button, QAbstractSpinBox[plain="true"]::down-button {{ width: 0; border: none; }}
QAbstractSpinBox::up-arrow {{ image: url("{arrow_up}"); width: 9px; height: 9px; }}
QAbstractSpinBox::down-arrow {{ image: url("{arrow_down}"); width: 9px; height: 9px; }}
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off {{ image: url("{no_arrow_up}"); }}
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off {{ image: url("{no_arrow_down}"); }}
QComboBox::drop-down {{ width: 20px; border-left: 1px solid {border}; }}
QComboBox::down-arrow {{ image: url("{arrow_down}"); width: 11px; height: 11px; }}
QComboBox::down-arrow:disabled {{ image: url("{no_arrow_down}"); }}
QScrollBar {{ background: {base}; border: 1px solid {border}; }}
QScrollBar:vertical {{ width: 14px; }}
QScrollBar:horizontal {{ height: 14px; }}
QScrollBar::handle {{ background: {border}; border: 2px solid {base}; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QSlider::handle:horizontal {{
    width: 10px; margin: -6px 0; border: 1px solid {border}; border-radius: 3px; background: {accent};
}}
QSlider::groove:horizontal {{ height: 4px; background: {border}; border-radius: 2px; }}
QSlider {{ border: 1px solid transparent; border-radius: {radius}px; }}
QSlider:focus {{ border-color: {accent}; }}
QGroupBox {{ border: 1px solid {border}; border-radius: {radius}px; margin-top: 8px; padding-top: 8px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 8px; }}
QProgressBar {{ border: 1px solid {border}; text-align: center; }}
"""
"""The Fusion style draws outlines darker than the window, which cannot be seen on black."""


def brush(color: str) -> QBrush:
    """A colour of the theme for item views."""
    return QBrush(QColor(color))
