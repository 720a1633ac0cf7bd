# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances as tables for a terminal and as a page; the page in a real browser, too."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.look import _style, instances, page, pages, table

from . import samples

AT = "2026-01-31T12:10:00Z"
# Scrolls to the instance that the list links to, and writes down whether its fold opened, and how wide page and window are.
MEASURE = """<script>addEventListener("load", () => {
  location.hash = "#i7";
  setTimeout(() => {
    const root = document.documentElement;
    document.title = JSON.stringify([document.querySelectorAll("details[open]").length, root.scrollWidth, root.clientWidth]);
  }, 300);
})</script></body>"""


def test_the_table_has_the_columns_of_the_manual():
    head, one, *_more = table.render(samples.many(3)).splitlines()
    assert head.split() == ["NAME", "STATUS", "PACKAGE", "MODE", "CLUSTER", "NAMESPACE", "PROJECT", "REVISION", "WORKLOADS", "CREATED"]
    assert one.split() == ["one-001", "Ready", "tiny", "1.0.0", "helm", "local", "shop-1", "retail", "2", "1/1", "ready", "2026-01-31", "12:00:00"]


@pytest.mark.parametrize(("part", "said"), [
    ("workloads", "Deployment  0/1 READY, 1 UP-TO-DATE, 0 AVAILABLE"), ("pods", "- c "), ("pods", "back-off 5m0s"), ("usage", "CrashLoopBackOff"),
    ("endpoints", "one-008.shop.svc.cluster.local:80"), ("status", "Host    one-008"), ("parameters", "values.replicas  2      1"),
    ("history", "values.replicas 1 → 2"), ("events", "deploy succeeded"), ("logs", "No container has begun"),
])
def test_the_details_of_one_have_the_parts_asked_for(part, said):
    item = samples.instance(8, "NotReady", description="of the shop")
    shown = table.render([item], True, [part])
    assert said in shown and "shop-1/one-008 of the shop" in shown or part == "logs"
    assert said not in table.render([item], True, [])


def test_another_cluster_is_named_and_a_long_text_is_cut():
    item = samples.instance(1, cluster="east", parameters=[{"label": "L", "path": "p", "value": {"a": "x" * 500}, "default": None}])
    shown = table.render([item], True, ["parameters"])
    assert "east: shop-1/one-001" in shown and max(map(len, shown.splitlines())) < 200


def test_nothing_in_a_text_moves_the_cursor():
    shown = table.render([samples.instance(8, "NotReady", "\x1b[2J\x07\u202e")], True, instances.PARTS)
    assert all(char.isprintable() or char == "\n" for char in shown)


def test_a_page_shows_one_or_all_and_is_whole():
    one, several, none = page.render([samples.instance()], AT), page.render(samples.many(12), AT, "project retail"), page.render([], AT)
    assert "<title>one-001</title>" in one and "<details" not in one and all(f"<h3>{word}</h3>" in one for word in ("Workloads", "Pods", "History", "Events"))
    assert several.count("<details>") == 12 and "project retail" in several and several.index(">one-009<") < several.index(">one-001<")
    # Every link of the list leads to its instance.
    assert set(re.findall(r'href="#(i\d+)"', several)) == set(re.findall(r'id="(i\d+)"', several)) and "There is no instance" in none
    assert page.made_at(one) == page.made_at(several) == page.made_at(none) == AT and page.made_at("<time datetime='x'>") == ""


def test_a_hostile_text_is_shown_and_does_nothing():
    text = page.render(samples.many(20, samples.ATTACK), AT)
    assert "<script" not in text and "<img" not in text and "&lt;script&gt;" in text and "script-src" not in text


def test_a_page_is_written_once(tmp_path, monkeypatch):
    found = samples.many(3)
    monkeypatch.setattr(instances, "info", lambda *_words: found)
    wish = {"dest": f"{tmp_path}/", "mode": "0640"}
    check = pages.make({}, None, wish, Context(check_mode=True))
    assert check["changed"] and not list(tmp_path.iterdir())
    first = pages.make({}, None, wish, Context())
    assert first["changed"] and first["instances"] == 3 and (tmp_path / "instances.html").stat().st_mode & 0o777 == 0o640
    monkeypatch.setattr(pages, "now", lambda: "2027-01-01T00:00:00Z")
    assert not pages.make({}, None, wish, Context())["changed"]
    found.append(samples.instance(9))
    assert pages.make({}, None, wish, Context())["changed"]


def test_a_page_of_nobody_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(instances, "info", lambda *words: words[4].names.add("one") or [])
    with pytest.raises(InputError, match='did you mean "one"'):
        pages.make({}, None, {"dest": str(tmp_path), "name": "onne"}, Context())


@pytest.mark.once
@pytest.mark.parametrize("count", [1, 50])
def test_the_page_is_drawn(count, tmp_path, browser):
    file, picture = tmp_path / "instances.html", tmp_path / "picture.png"
    file.write_text(page.render(samples.many(count), AT), encoding="utf-8")
    browser(file, f"--screenshot={picture}", "--window-size=1360,800", "--hide-scrollbars", "--disable-lcd-text")
    read = runpy.run_path(str(Path(__file__).parents[1] / "report" / "png.py"))["read"]
    width, rows = read(picture.read_bytes())
    seen = {pixel for row in rows for pixel in row}
    colours = ("back", "okback", "line") if count == 1 else ("back", "okback", "nearback", "fullback")
    assert width == 1360 and {bytes.fromhex(_style.STYLE.partition(f"--{name}:#")[2][:6]) for name in colours} <= seen


@pytest.mark.once
@pytest.mark.parametrize("width", [1360, 700])
def test_a_link_opens_its_instance_and_no_page_is_wider_than_its_window(width, tmp_path, browser):
    file = tmp_path / "instances.html"
    text = page.render(samples.many(20), AT)
    file.write_text(re.sub("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text).replace("</body>", MEASURE), encoding="utf-8")
    dom, _asked = browser(file, "--dump-dom", f"--window-size={width},700")
    opened, wide, window = json.loads(dom.partition("<title>")[2].partition("<")[0])
    assert opened == 1 and wide <= window


@pytest.mark.once
def test_no_text_runs_and_nothing_leaves(tmp_path, browser):
    file = tmp_path / "instances.html"
    text = page.render(samples.many(20, samples.ATTACK), AT)
    # Were something ever not escaped, the browser would still refuse it.
    file.write_text(text.replace("<main>", "<main>" + samples.ATTACK[2:]), encoding="utf-8")
    dom, asked = browser(file)
    assert "<script>" in dom and "data-ran" not in dom.partition("<head>")[0] and not [address for address in asked if "leak.example" in address]
    assert dom.count("<details") == 20
