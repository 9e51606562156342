"""The system libraries that Qt needs, and apt where it may be used to install them."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from dataclasses import dataclass

from installation.report import ask, say

# Library -> Debian package. The first six are needed even without a display, the others to open a window.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
_XCB = "libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-keysyms"
OTHER_SYSTEMS = (
    f"sudo dnf install mesa-libGL mesa-libEGL glib2 fontconfig dbus-libs {_XCB}",
    f"sudo pacman -S libglvnd mesa glib2 fontconfig dbus {_XCB}",
)


@dataclass(frozen=True)
class Apt:
    """apt-get as we may call it; `allowed` is False where only an administrator can."""

    prefix: tuple[str, ...]
    allowed: bool

    def install(self, packages: list[str]) -> bool:
        """Install packages without the ones they only recommend; True when apt did."""
        install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        if not self.allowed:
            say(f"not installed from here; an administrator can: sudo {' '.join(install)}")
            return False
        say(f"installing system packages: {' '.join(packages)}")
        done, _, complaint = self._run(install)
        if not done:  # a fresh image has no package lists, an old one may name versions that are gone
            self._run(["apt-get", "update"])
            done, _, complaint = self._run(install)
        if not done:
            say(f"apt could not: {complaint.splitlines()[-1] if complaint else 'it gave no reason'}")
            say(f"to try by hand: {' '.join([*self.prefix[:1], *install])}")
        return done

    def _run(self, command: list[str]) -> tuple[bool, str, str]:
        return ask([*self.prefix, *command], DEBIAN_FRONTEND="noninteractive")


def find_apt(may_install: bool) -> Apt | None:
    """apt-get on a Debian-like system, else None; not `may_install` means that it only prints its line."""
    if not sys.platform.startswith("linux") or shutil.which("apt-get") is None:
        return None
    if not may_install:
        return Apt((), allowed=False)
    if os.geteuid() == 0:
        return Apt((), allowed=True)
    passwordless, _, _ = ask(["sudo", "-n", "true"])
    if passwordless:
        return Apt(("sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"), allowed=True)
    return Apt((), allowed=False)


def missing_libraries() -> list[str]:
    """Qt's libraries that the loader does not find; empty where Qt brings its own (Windows, macOS)."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in QT_LIBRARIES if not _loads(name)]


def ensure_libraries(apt: Apt | None) -> None:
    """Install Qt's missing libraries, or say which they are; the command line works without them."""
    missing = missing_libraries()
    if not missing:
        say("system libraries: all there")
        return
    say(f"system libraries missing: {' '.join(missing)}")
    if apt is not None and apt.install([QT_LIBRARIES[name] for name in missing]) and not missing_libraries():
        say("system libraries: all there now")
        return
    if apt is None:
        for line in OTHER_SYSTEMS:
            say(f"the packages, on a system that has this command: {line}")
    say("going on without: only the window and its tests need them")


def _loads(name: str) -> bool:
    """True when the loader finds the library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
