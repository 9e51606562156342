"""What plugins say, in the user's language: each brings its texts in `translations/<language>.toml` in its folder.

The file maps English to the language; what it does not hold stays English. Titles, summaries, engines, labels, help and
choices of all plugins are looked up in it.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from studio.plugin_api.manifest import Manifest
from studio.plugin_api.params import ParamSpec
from studio.plugin_host.registry import Plugin
from studio.ui.text import PLUGINS_CONTEXT

CONTEXT = PLUGINS_CONTEXT
_log = logging.getLogger(__name__)


def say_plugin(english: str) -> str:
    """A plugin's text in the user's language."""
    return QCoreApplication.translate(CONTEXT, english) if english else ""


def spoken_manifest(manifest: Manifest) -> Manifest:
    """The manifest with everything that is shown in the user's language."""
    engines = tuple(
        engine.model_copy(update={"title": say_plugin(engine.title), "good_at": say_plugin(engine.good_at)})
        for engine in manifest.engines
    )
    told = {"title": say_plugin(manifest.title), "summary": say_plugin(manifest.summary), "engines": engines}
    return manifest.model_copy(update=told)


def spoken_parameter(spec: ParamSpec) -> ParamSpec:
    """The parameter with label and help in the user's language."""
    return replace(spec, label=say_plugin(spec.label), help=say_plugin(spec.help))


def plugin_texts(plugins: Iterable[Plugin], language: str) -> dict[str, str]:
    """What the plugins say in a language; a file that cannot be read leaves its plugin in English."""
    found: dict[str, str] = {}
    for plugin in plugins:
        path = plugin.folder / "translations" / f"{language}.toml"
        if not path.is_file():
            continue
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            _log.warning("cannot read %s: %s", path, error)
            continue
        found |= {english: other for english, other in told.items() if isinstance(other, str)}
    return found
