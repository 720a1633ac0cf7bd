# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a hostile package in a real browser: no script runs, and nothing is asked of the network."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.page import page

from . import pages

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium: install the package chromium to see pages in a real browser")

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
def proxy():
    server = Proxy()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def opened(file: Path, proxy: Proxy, folder: Path) -> tuple[pages.Reader, list[str]]:
    """(what the browser made of a page, the addresses it asked for that are the page's doing)."""
    # A browser that runs as root refuses its own sandbox; here it reads nothing but our file.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    done = subprocess.run(
        [BROWSER, *OPTIONS, *root, f"--user-data-dir={folder}/profile", f"--proxy-server=http://127.0.0.1:{proxy.server_port}",
         "--proxy-bypass-list=<-loopback>", "--dump-dom", file.as_uri()],
        capture_output=True, timeout=50, check=True, env={**os.environ, "HOME": str(folder)},
    )
    return pages.Reader(done.stdout.decode()), [address for address in proxy.asked if "leak.example" in address or "a.example" in address]


def ran(reader: pages.Reader) -> bool:
    return "data-ran" in dict(reader.elements[0][1])


def test_the_browser_would_show_it_if_something_ran(tmp_path, proxy):
    """Without a policy and without escaping, the same attacks are seen to run and to reach the network."""
    file = tmp_path / "open.html"
    file.write_text(f"<!DOCTYPE html><html><body>{pages.ATTACKS[0]}{pages.ATTACKS[6]}<p>whole</p></body></html>")
    reader, asked = opened(file, proxy, tmp_path)
    assert ran(reader)
    assert {"http://leak.example/run", "http://leak.example/img"} <= set(asked)


def test_no_script_of_a_package_runs_and_nothing_leaves(tmp_path, proxy):
    first, *others = (page.render(model.load(pages.hostile(attack))) for attack in pages.ATTACKS)
    # All in one file: a browser for each of them would take half a minute.
    bodies = "".join(text[text.index("<body>") + len("<body>"):text.index("</body>")] for text in others)
    file = tmp_path / "page.html"
    file.write_text(first.replace("</body>", bodies + "</body>"), encoding="utf-8")
    reader, asked = opened(file, proxy, tmp_path)
    assert ("html", {"lang": "en"}) == reader.elements[0], "the root would carry the mark of a script"
    assert not ran(reader) and asked == []
    assert [name for name, _attributes in reader.elements].count("main") == len(pages.ATTACKS)


def test_the_policy_alone_would_stop_it(tmp_path, proxy):
    """Were something ever not escaped, the browser would still refuse it: attacks put into the finished page, behind its policy."""
    text = page.render(model.load(pages.hostile("x")))
    # Left out are those that lead the reader away, which no policy of a page can forbid.
    kept = [attack for attack in pages.ATTACKS if "http-equiv" not in attack]
    file = tmp_path / "page.html"
    file.write_text(text.replace("<main>", "<main>" + "".join(kept) + pages.SVG), encoding="utf-8")
    reader, asked = opened(file, proxy, tmp_path)
    assert not ran(reader) and asked == []
    assert "script" in [name for name, _attributes in reader.elements]
