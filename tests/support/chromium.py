"""Make sure that there is a Chromium for the browser tests, and say where it is.

``python -m tests.support.chromium`` looks in this order: the machine's own, Playwright's (downloaded if need be), the
system package when run as root. It ends with 1 and says what to install when all three fail.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DOWNLOAD_SECONDS = 300
HELP = (
    "Expected a Chromium for the browser tests, but found none and could get none. Install one, for example with "
    "'apt-get install chromium', 'dnf install chromium' or 'brew install chromium', and run 'make test' again."
)


def executable() -> str | None:
    """Path of a Chromium to launch, or None. The machine's own goes before Playwright's."""
    return _system() or _downloaded()


def _system() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _downloaded() -> str | None:
    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Error:
        return None
    return path if Path(path).exists() else None


def _run(*command: str) -> bool:
    print("+ " + " ".join(command), file=sys.stderr)
    try:
        return subprocess.run(command, stdout=sys.stderr, timeout=DOWNLOAD_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", file=sys.stderr)
        return False


def ensure() -> str | None:
    """Find or fetch a Chromium; None when that is impossible here."""
    if found := executable():
        return found
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    if not (found := executable()) and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
        found = executable()
    return found


def main() -> int:
    found = ensure()
    print(f"Chromium: {found}" if found else HELP, file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
