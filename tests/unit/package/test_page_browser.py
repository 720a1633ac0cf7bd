# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a hostile package in a real browser: no script runs, and nothing is asked of the network."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.page import page

from . import pages

# Browsers look for updates, too: what a page asks for is told by its host.
OURS = ("leak.example", "a.example")


def opened(file, browser) -> tuple[pages.Reader, list[str]]:
    """(what the browser made of a page, the addresses it asked for that are the page's doing)."""
    text, asked = browser(file)
    return pages.Reader(text), [address for address in asked if any(host in address for host in OURS)]


def ran(reader: pages.Reader) -> bool:
    return "data-ran" in dict(reader.elements[0][1])


def test_the_browser_would_show_it_if_something_ran(tmp_path, browser):
    """Without a policy and without escaping, the same attacks are seen to run and to reach the network."""
    file = tmp_path / "open.html"
    file.write_text(f"<!DOCTYPE html><html><body>{pages.ATTACKS[0]}{pages.ATTACKS[6]}<p>whole</p></body></html>")
    reader, asked = opened(file, browser)
    assert ran(reader)
    assert {"http://leak.example/run", "http://leak.example/img"} <= set(asked)


def test_no_script_of_a_package_runs_and_nothing_leaves(tmp_path, browser):
    first, *others = (page.render(model.load(pages.hostile(attack))) for attack in pages.ATTACKS)
    # All in one file: a browser for each of them would take half a minute.
    bodies = "".join(text[text.index("<body>") + len("<body>"):text.index("</body>")] for text in others)
    file = tmp_path / "page.html"
    file.write_text(first.replace("</body>", bodies + "</body>"), encoding="utf-8")
    reader, asked = opened(file, browser)
    assert ("html", {"lang": "en"}) == reader.elements[0], "the root would carry the mark of a script"
    assert not ran(reader) and asked == []
    assert [name for name, _attributes in reader.elements].count("main") == len(pages.ATTACKS)


def test_the_policy_alone_would_stop_it(tmp_path, browser):
    """Were something ever not escaped, the browser would still refuse it: attacks put into the finished page, behind its policy."""
    text = page.render(model.load(pages.hostile("x")))
    # Left out are those that lead the reader away, which no policy of a page can forbid.
    kept = [attack for attack in pages.ATTACKS if "http-equiv" not in attack]
    file = tmp_path / "page.html"
    file.write_text(text.replace("<main>", "<main>" + "".join(kept) + pages.SVG), encoding="utf-8")
    reader, asked = opened(file, browser)
    assert not ran(reader) and asked == []
    assert "script" in [name for name, _attributes in reader.elements]
