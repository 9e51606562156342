"""Finding plugins: bundled, and in the user's folder; faulty ones do not hide the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import StudioError, UsageError
from studio.plugin_api.manifest import load_manifest
from studio.plugin_host import registry
from tests.support.plugins import write_plugin


@pytest.fixture
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder for this test; returns where plugins go."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return registry.user_plugins_dir()


def test_bundled_plugins_are_found() -> None:
    found = registry.discover()
    assert "layer_decomp" in [plugin.manifest.id for plugin in found]
    assert found.faults == []


def test_a_folder_of_the_user_is_a_plugin(user_folder: Path) -> None:
    write_plugin(user_folder, "square_found")
    plugin = registry.discover().get("square_found")
    assert plugin.manifest.title == "Paint a square"
    assert plugin.params_class().version == 1
    assert callable(plugin.run)


def test_a_faulty_plugin_is_named_and_the_others_stay(user_folder: Path) -> None:
    folder = write_plugin(user_folder, "square_broken")
    (folder / "plugin.toml").write_text('id = "square_broken"', encoding="utf-8")
    write_plugin(user_folder, "square_whole")
    found = registry.discover()
    assert found.get("square_whole")
    assert [fault.message for fault in found.faults if "square_broken" in fault.message]


def test_another_interface_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="interface 2"):
        load_manifest(write_plugin(tmp_path, "square_future", api=2))


def test_broken_code_is_an_error_with_words(user_folder: Path) -> None:
    folder = write_plugin(user_folder, "square_code")
    (folder / "run.py").write_text("import no_such_library", encoding="utf-8")
    with pytest.raises(StudioError, match="Could not load the plugin Paint a square"):
        _ = registry.discover().get("square_code").run


def test_unknown_names_list_what_there_is() -> None:
    found = registry.discover()
    with pytest.raises(UsageError) as caught:
        found.get("no_such_plugin")
    assert "layer_decomp" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        found.get("layer_decomp").engine("no_such_engine")
    assert "classical" in caught.value.hint
