"""The browser in which pages are tested: Debian's Chromium, brought where that may be done.

`python -m tests.pages.browser` brings it when it is missing; its exit code says whether one is there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
OPTIONS = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def installed() -> str | None:
    """Where a browser lies, if anywhere."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser without a window and with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed(), args=list(OPTIONS), chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()


def bring() -> bool:
    """Installs the browser and a Chinese font where this is Debian and we are root; whether one is there now."""
    if installed() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium, to open the pages in", flush=True)
        unattended = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *command], check=False, env=unattended, stdout=subprocess.DEVNULL)
    return installed() is not None


def main() -> int:
    if bring():
        return 0
    print("No Chromium is here and none may be installed: the pages are left out. Install one and try again.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
