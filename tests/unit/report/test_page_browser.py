# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the report in a real browser, of few and of many workspaces: it is drawn, no script runs, and nothing is asked of the network.

With ACMP_PICTURES=docs/pictures the pictures taken become those of the documentation.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.report import _style, page

from . import png, samples

pytestmark = pytest.mark.once

# Pictures for the documentation are taller: a test needs no more than the top.
PICTURES = os.environ.get("ACMP_PICTURES")
SIZES = {"5": (samples.few, 1440), "500": (samples.many, 1500)}


def colour(name: str) -> bytes:
    """A colour of the light style."""
    return bytes.fromhex(_style.STYLE.partition(f"--{name}:#")[2][:6])


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_drawn(size, tmp_path, browser):
    make, height = SIZES[size]
    file, picture = tmp_path / "resources.html", tmp_path / "picture.png"
    file.write_text(page.render(samples.report(*make())), encoding="utf-8")
    browser(file, f"--screenshot={picture}", f"--window-size=1360,{height if PICTURES else 800}", "--hide-scrollbars", "--disable-lcd-text")
    width, rows = png.read(picture.read_bytes())
    seen = {pixel for row in rows for pixel in row}
    # Without its style nothing of these would be there.
    assert width == 1360 and {colour(name) for name in ("back", "fill", "use", "near", "full", "track")} <= seen
    if PICTURES:
        Path(PICTURES, f"resources-{size}.png").write_bytes(png.small(picture.read_bytes()))


# Scrolls, and writes down where the head and a project's line stand, and how wide page and window are.
MEASURE = """<script>addEventListener("load", () => {
  scrollTo(0, 2600);
  const top = (selector) => [...document.querySelectorAll(selector)].map((each) => Math.round(each.getBoundingClientRect().top));
  document.title = JSON.stringify([top("thead th").pop(), top(".group>*").filter((y) => 0 < y && y < 60).length,
    document.documentElement.scrollWidth, document.documentElement.clientWidth]);
})</script></body>"""


@pytest.mark.parametrize(("width", "sticky"), [(1360, True), (700, False)])
def test_heads_stay_in_sight_and_no_page_is_wider_than_its_window(width, sticky, tmp_path, browser):
    file = tmp_path / "resources.html"
    text = page.render(samples.report(*samples.many()))
    file.write_text(re.sub("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text).replace("</body>", MEASURE), encoding="utf-8")
    dom, _asked = browser(file, "--dump-dom", f"--window-size={width},700")
    top, groups, wide, window = json.loads(dom.partition("<title>")[2].partition("<")[0])
    assert wide <= window
    # On narrow screens tables scroll by themselves, and a head would stay within its own.
    assert (top == 0 and groups) if sticky else top < 0


@pytest.mark.parametrize("count", [5, 500])
def test_no_name_runs_and_nothing_leaves(count, tmp_path, browser):
    file = tmp_path / "resources.html"
    file.write_text(page.render(samples.hostile(count)), encoding="utf-8")
    text, asked = browser(file)
    assert "data-ran" not in text.partition(">")[0] + text.partition("<head>")[0]
    assert not [address for address in asked if "leak.example" in address]
    assert text.count('scope="row"') > count


def test_the_browser_would_show_it_if_something_ran(tmp_path, browser):
    file = tmp_path / "open.html"
    file.write_text(f"<!DOCTYPE html><html><head></head><body>{samples.ATTACKS[0]}<p>whole</p></body></html>")
    text, asked = browser(file)
    assert "data-ran" in text.partition("<head>")[0] and any("leak.example" in address for address in asked)


def test_the_policy_alone_would_stop_it(tmp_path, browser):
    """Were something ever not escaped, the browser would still refuse it."""
    file = tmp_path / "resources.html"
    text = page.render(samples.report(*samples.few()))
    file.write_text(text.replace("<main>", "<main>" + "".join(samples.ATTACKS)), encoding="utf-8", errors="replace")
    text, asked = browser(file)
    assert "<script>" in text and "data-ran" not in text.partition("<head>")[0]
    assert not [address for address in asked if "leak.example" in address]
