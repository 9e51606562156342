"""Whether an engine can run here, and the licences that were accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.plugin_api.manifest import EngineInfo, EngineKind
from studio.plugin_api.weights import Consent, LocalImport, Weights
from studio.plugin_host import readiness as looked
from studio.plugin_host.consents import Consents
from studio.plugin_host.readiness import readiness

REPO = Weights(id="owner/name", title="Public", licence="OpenRAIL", repo="owner/name", revision="abc")


def engine(*weights: Weights, kind: EngineKind = EngineKind.PUBLIC) -> EngineInfo:
    return EngineInfo(id="one", title="One", kind=kind, good_at="All.", licence="MIT", weights=weights)


def test_the_classical_engine_always_can() -> None:
    assert readiness(engine(kind=EngineKind.CLASSICAL)).can_run


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked, "LIBRARIES", ("no_such_library",))
    told = readiness(engine(kind=EngineKind.TINY))
    assert not told.can_run
    assert "no_such_library" in told.why
    assert "pip install" in told.hint


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked, "LIBRARIES", ("json",))


@pytest.mark.usefixtures("libraries")
class TestWeights:
    def test_of_the_hub_must_be_in_its_cache_at_their_revision(self, tmp_path: Path) -> None:
        told = readiness(engine(REPO), hub=tmp_path)
        assert "Public" in told.why
        assert "lamina models get owner/name" in told.hint
        (tmp_path / "models--owner--name" / "snapshots" / "other").mkdir(parents=True)
        assert not readiness(engine(REPO), hub=tmp_path).can_run
        (tmp_path / "models--owner--name" / "snapshots" / "abc").mkdir()
        assert readiness(engine(REPO), hub=tmp_path).can_run

    def test_any_revision_will_do_where_none_is_named(self, tmp_path: Path) -> None:
        loose = REPO.model_copy(update={"revision": ""})
        (tmp_path / "models--owner--name" / "snapshots" / "other").mkdir(parents=True)
        assert readiness(engine(loose), hub=tmp_path).can_run

    def test_of_ours_must_have_come_along(self, tmp_path: Path) -> None:
        own = Weights(id="lamina/tiny", title="Tiny", licence="Apache-2.0", shipped="tiny")
        assert not readiness(engine(own, kind=EngineKind.TINY), models=tmp_path).can_run
        (tmp_path / "tiny").mkdir()
        assert readiness(engine(own, kind=EngineKind.TINY), models=tmp_path).can_run

    def test_that_have_to_be_brought(self) -> None:
        brought = Weights(id="a/b", title="Brought", licence="MIT", imports=(LocalImport.FILE,))
        assert "Import" in readiness(engine(brought)).hint

    def test_the_cache_is_where_the_hubs_client_says(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
        assert looked.hub_dir() == tmp_path
        monkeypatch.delenv("HF_HUB_CACHE")
        monkeypatch.setenv("HF_HOME", str(tmp_path))
        assert looked.hub_dir() == tmp_path / "hub"


class TestConsents:
    ASKED = REPO.model_copy(update={"consent": Consent.ACCEPT})

    def test_are_remembered(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "licences.toml"
        assert engine(self.ASKED).unaccepted(Consents(path).accepted) == (self.ASKED,)
        Consents(path).accept(self.ASKED)
        assert Consents(path).accepted == {"owner/name"}
        assert engine(self.ASKED).unaccepted(Consents(path).accepted) == ()
        assert "OpenRAIL" in path.read_text(encoding="utf-8")

    def test_a_broken_file_counts_as_none(self, tmp_path: Path) -> None:
        path = tmp_path / "licences.toml"
        path.write_text("weights = ")
        assert Consents(path).accepted == frozenset()
        path.write_text("weights = 3\n")
        assert Consents(path).accepted == frozenset()

    def test_what_cannot_be_written_is_not_accepted(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        consents = Consents(tmp_path / "file" / "licences.toml")
        with pytest.raises(StudioError, match="stays closed"):
            consents.accept(self.ASKED)
        assert consents.accepted == frozenset()
