"""pip for a Python that has none: its wheel, straight from the package index, checked against the index's hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from installation.report import Stop, say

DEFAULT_INDEX = "https://pypi.org/simple"
_JSON = "application/vnd.pypi.simple.v1+json"
_WHEEL = re.compile(r"pip-(\d+(?:\.\d+)*)-py3-none-any\.whl$")


def download_pip(folder: Path) -> Path:
    """Put pip's newest wheel into `folder`; Python runs the `pip` inside it without unpacking.

    Raises:
        Stop: the index cannot be reached, lists no wheel of pip, or the file does not have the listed hash.
    """
    index = os.environ.get("PIP_INDEX_URL", DEFAULT_INDEX).rstrip("/")
    page = f"{index}/pip/"
    say(f"fetching pip from {urllib.parse.urlsplit(index).hostname or index}")
    try:
        files = _listing(page)
        name, url, sha256 = max(files, key=lambda file: _version(file[0]))
        with urllib.request.urlopen(url, timeout=60) as answer:
            content = answer.read()
    except (OSError, ValueError) as error:
        raise Stop(
            f"This Python has neither venv nor pip, and pip could not be fetched: {error}\n"
            "Install them with the system's package manager (Debian: python3-venv) and run this again."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Stop(f"{name} arrived damaged: its hash is not the one that the index gives. Run this again.")
    wheel = folder / name
    wheel.write_bytes(content)
    return wheel


def _listing(page: str) -> list[tuple[str, str, str]]:
    """(file name, address, sha256) of every final wheel of pip, from the index's JSON or HTML form."""
    request = urllib.request.Request(page, headers={"Accept": f"{_JSON}, text/html;q=0.1"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode("utf-8")
        is_json = _JSON in answer.headers.get("Content-Type", "")
    if is_json:
        rows = [
            (file["filename"], file["url"], file["hashes"].get("sha256", ""))
            for file in json.loads(text)["files"]
            if not file.get("yanked")
        ]
    else:
        rows = [
            (href.split("/")[-1], href, sha256) for href, sha256 in re.findall(r'href="([^"#]+)#sha256=(\w+)"', text)
        ]
    return [(name, urllib.parse.urljoin(page, url), sha256) for name, url, sha256 in rows if _WHEEL.search(name)]


def _version(name: str) -> tuple[int, ...]:
    match = _WHEEL.search(name)
    return tuple(int(part) for part in match.group(1).split(".")) if match else ()
