"""Where an engine's weights come from, as values: our own folder, the hub's cache, a folder or a file of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OfflineModeIsEnabled

from studio import resources
from studio.core.errors import StudioError
from studio.diffusion.files import FileEntry, ModelFault, read_manifest, verify

_REINSTALL = "Install Lamina Studio again, or make the model: lamina train {} --minutes 60."


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder in `save_pretrained` layout.

    Args:
        path: the folder.
        files: records to check before loading; empty for a folder of the user's, which has none.
        restore: what the user can do when files are missing or damaged, as a sentence.
    """

    path: Path
    files: tuple[FileEntry, ...] = ()
    restore: str = "Copy the model's folder again, complete, or install it once more."

    def folder(self) -> Path:
        """The folder, with its recorded files checked. Raises ModelFault that names the file at fault."""
        if not self.path.is_dir():
            raise ModelFault(self.path, "The model's folder is missing", self.restore)
        verify(self.path, self.files, self.restore)
        return self.path


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of the Hugging Face hub that is already in this computer's cache; nothing is ever downloaded here.

    Args:
        repo: "owner/name".
        revision: a commit, so that the same request gives the same result.
        files: records to check; only those that are in the cache, since engines rarely need a whole repository.
        cache: another cache folder than the hub's own.
    """

    repo: str
    revision: str = "main"
    files: tuple[FileEntry, ...] = ()
    cache: Path | None = None

    @property
    def restore(self) -> str:
        return f"Install {self.repo} with `lamina models get`, or import a folder or file of it."

    def folder(self) -> Path:
        """The snapshot in the cache.

        Raises StudioError when it is not there, ModelFault when a file of it is damaged.
        """
        try:
            found = snapshot_download(self.repo, revision=self.revision, cache_dir=self.cache, local_files_only=True)
        except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, HFValidationError) as error:
            raise StudioError(
                f"The model {self.repo} is not installed on this computer.", self.restore, str(error)
            ) from error
        folder = Path(found)
        verify(folder, [file for file in self.files if (folder / file.path).exists()], self.restore)
        return folder


@dataclass(frozen=True, slots=True)
class FileSource:
    """One safetensors file with a whole model in it, as checkpoints are traded.

    Args:
        path: the file.
        configs: a folder in `save_pretrained` layout with the configurations and tokenizers of the same kind of model;
            its weights are not read. None looks for the kind's original repository in the hub's cache.
    """

    path: Path
    configs: Path | None = None
    restore: str = "Copy the file again, or download it once more from where you got it."


Source = FolderSource | HubSource | FileSource


class WeightsEntry(Protocol):
    """What is read of an engine's entry in a plugin manifest (`studio.plugin_api.weights.Weights`)."""

    @property
    def shipped(self) -> str: ...
    @property
    def repo(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def files(self) -> Sequence[FileEntry]: ...


def source_of(entry: WeightsEntry, imported: Path | None = None) -> Source:
    """Where an entry's weights are: what a person imported, else what is shipped, else the hub's cache.

    Raises StudioError when there is nothing of the three, and ModelFault when the list of shipped files is unreadable.
    """
    if imported is not None:
        return FileSource(imported) if imported.is_file() else FolderSource(imported)
    if entry.shipped:
        folder = resources.assets_dir() / "models" / entry.shipped
        restore = _REINSTALL.format(entry.shipped)
        if not folder.is_dir():
            raise ModelFault(folder, "The model's folder is missing", restore)
        return FolderSource(folder, tuple(entry.files) or read_manifest(folder, restore), restore)
    if entry.repo:
        return HubSource(entry.repo, entry.revision or "main", tuple(entry.files))
    raise StudioError("These weights cannot be downloaded.", "Import a folder or file of them.")
