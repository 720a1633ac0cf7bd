# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of several rooms share: a real browser whose every request is seen."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None)

OPTIONS = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--virtual-time-budget=3000",
)


class Proxy(http.server.ThreadingHTTPServer):
    """Every request of the browser, to whatever host; the answer is a small page."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_HEAD = do_OPTIONS = do_CONNECT = do_GET

    def log_message(self, *_args) -> None:
        return None


@pytest.fixture
def browser(tmp_path):
    """A function: (what the browser made of a page, every address it asked for), of a file or with more options of the browser."""
    if BROWSER is None:
        pytest.skip("no Chromium: install the package chromium to see pages in a real browser")
    proxy = Proxy()
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    # A browser that runs as root refuses its own sandbox; here it reads nothing but our file.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()

    def opened(file: Path, *options: str) -> tuple[str, list[str]]:
        done = subprocess.run(
            [BROWSER, *OPTIONS, *root, f"--user-data-dir={tmp_path}/profile", f"--proxy-server=http://127.0.0.1:{proxy.server_port}",
             "--proxy-bypass-list=<-loopback>", *(options or ("--dump-dom",)), file.as_uri()],
            capture_output=True, timeout=50, check=True, env={**os.environ, "HOME": str(tmp_path)},
        )
        return done.stdout.decode(), proxy.asked

    yield opened
    proxy.shutdown()
    proxy.server_close()
