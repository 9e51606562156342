"""What the tests of files share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_photos(checkout: Path) -> Path:
    """Real photographs that are not part of the project; the test is skipped where they are not there."""
    folder = checkout.parent / "shared" / "photos"
    if not folder.is_dir():
        pytest.skip("real photographs are not here: put them in a folder “shared/photos” beside the checkout")
    return folder
