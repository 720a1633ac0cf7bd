# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the report: what it shows, that no name can do anything in it, and that it stays small and quick."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import markup
from ansible_collections.acmp.middleware.plugins.module_utils.report import _shape, _style, page

from . import samples
from .samples import cluster, down, quota, report, workspace

# Every element a page may hold, and every attribute it may have there beside id and class.
ALLOWED = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content", "http-equiv"}, "title": set(), "style": set(), "body": set(), "header": set(),
    "main": set(), "footer": set(), "section": set(), "div": {"tabindex"}, "span": set(), "p": set(), "ul": {"aria-label"}, "li": set(), "dl": set(),
    "dt": set(), "dd": set(), "h1": set(), "h2": set(), "h3": set(), "a": {"href"}, "b": set(), "abbr": {"title"}, "time": {"datetime"}, "table": set(),
    "thead": set(), "tbody": set(), "tr": set(), "th": {"scope", "colspan"}, "td": {"colspan"},
}


class Reader(HTMLParser):
    """Elements as (name, attributes), texts, and the number of cells of each row, spans counted."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        self.rows: list[list[int]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self.rows.append([])
        elif tag == "tr":
            self.rows[-1].append(0)
        elif tag in ("td", "th"):
            self.rows[-1][-1] += int(dict(attrs).get("colspan", 1))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        (self.styles if self.open[-1:] == ["style"] else self.texts).append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def checked(text: str) -> Reader:
    """The page as a reader sees it, once nothing in it was found that could do harm or that a browser had to mend."""
    reader = Reader(text)
    assert not reader.open
    for name, attributes in reader.elements:
        assert name in ALLOWED and set(attributes) <= ALLOWED[name] | {"id", "class"}, (name, attributes)
        assert re.fullmatch(r"[a-z0-9 ]*", attributes.get("class", "")), attributes
        assert re.fullmatch(r"#[wp]\d+", attributes.get("href", "#w1")), attributes
    metas = [attributes for name, attributes in reader.elements if name == "meta"]
    policy = metas[1]["content"]
    assert metas[0] == {"charset": "utf-8"} and metas[1]["http-equiv"] == "Content-Security-Policy" and policy == markup.policy(_style.STYLE)
    assert "default-src 'none'" in policy and "script" not in policy and "img-src" not in policy and "unsafe" not in policy
    assert reader.styles == [_style.STYLE]
    ids = [attributes["id"] for _name, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"][1:] for _name, attributes in reader.elements if "href" in attributes} <= set(ids)
    assert all(len(set(table)) == 1 for table in reader.rows), "a row of a table has too few or too many cells"
    return reader


def shown(text: str) -> str:
    return " ".join(" ".join(checked(text).texts).split())


def test_few_workspaces_show_every_quota():
    text = shown(page.render(report(*samples.few())))
    for words in (
        "As of 2026-11-21 09:30:00 UTC", "Clusters 2 all ready", "Workspaces 5 in 4 projects", "Full 1 95 % or more", "Nearly full 1 80 % or more",
        "below 50 %: 1 50 to 80 %: 1 80 to 95 %: 1 95 % and more: 1 no quota: 1", "factory-north ready Production, hall 2",
        "v1.33.6 · 5 of 6 nodes ready · 3 workspaces · 16 instances 1 of 6 nodes are not ready", "CPU 136 of 192 71 % 44 % 37 % 55.7",
        "Storage 3.78 Ti 3.78 Ti 7 Ti –", "nvidia.com/gpu 6 of 8 75 % – 100 % 2", "orders-prod orders · factory-north Orders and stock of both shops",
        "requests 14.5 of 16 90 % limits 30 of 32 93 %", '"fast" 780 Gi of 1 Ti 76 %', "without a promise no quota 1",
        "开票系统 invoices",
    ):
        assert words in text, words
    assert text.index("orders-prod") < text.index("billing-prod") < text.index("sandbox")
    assert "Scratch storage" not in text and "only" not in text.partition("Clusters")[0]


def test_many_workspaces_stand_in_rows_below_their_projects():
    made = report(*samples.many())
    reader = checked(page.render(made))
    text = " ".join(" ".join(reader.texts).split())
    for words in (
        "Clusters 6 1 not ready", "Workspaces 500 in 30 projects", "no quota: 9 not known: 6", "The fullest workspaces", "Workspaces by project",
        "far-east unreachable 3 of 3 nodes ready Branch office unreachable, last seen 2026-11-20T22:14:03Z: connect to https://10.8.0.4:6443",
        "82 % 315 of 384 50 % in use, 283 % promised", "nvidia.com/gpu 41 of 64", "14 more are full or nearly full", "identity 29 96 %", "Terminating",
        "not known –",
    ):
        assert words in text, words
    rows = [attributes["id"] for name, attributes in reader.elements if name == "tr" and "id" in attributes]
    groups = [attributes["id"] for name, attributes in reader.elements if name == "tbody" and "id" in attributes]
    assert sorted(rows, key=lambda name: int(name[1:])) == [f"w{number}" for number in range(1, 501)] and len(groups) == 30
    assert sum(attributes.get("scope") == "row" for _name, attributes in reader.elements) == 500 + 6 + 8


def test_every_bar_has_its_figure_beside_it():
    made = report([cluster("local")], [workspace("a", quota(pods=("7", "8"), services=("13", "10"), count__secrets=("0", "0")))])
    text = page.render(made)
    assert '<span>7 of 8 <span class="percent near">87 %</span></span></div><b class="bar w87 near"></b>' in text
    # More than all is drawn as all of it, and said as it is.
    assert '<span>13 of 10 <span class="percent full">130 %</span></span></div><b class="bar w100 full"></b>' in text
    assert '<span>0 of 0 </span></div><b class="bar"></b>' in text


def test_what_is_only_asked_of_some_projects_says_so():
    made = _shape.build([cluster("local")], [workspace("a", project="shop")], samples.AT, ["shop", "orders"])
    assert "As of 2026-11-21 09:30:00 UTC · projects shop, orders only" in shown(page.render(made))


def test_a_cluster_that_is_down_keeps_its_last_figures_in_grey():
    text = page.render(report([cluster("local"), down("away", credential={"warning": "ended 2 days ago"})], []))
    assert "away unreachable" in shown(text) and "its credential ended 2 days ago" in shown(text) and '<table class="old">' in text
    assert "There is no workspace." in shown(text)


def test_credentials_that_ended_are_told():
    text = shown(page.render(report([cluster("local")], [workspace("a", credential={"days_left": -3})])))
    assert "1 credential of workspaces ended: ansible-playbook acmp.middleware.tick" in text


@pytest.mark.parametrize("count", [5, 60])
def test_nothing_of_a_hostile_name_gets_into_the_markup(count):
    text = page.render(samples.hostile(count))
    reader = checked(text)
    said = " ".join(" ".join(reader.texts).split())
    for attack in samples.ATTACKS[:count]:
        # Not taken out either: what it says is shown.
        assert " ".join(markup.clean(attack).split()) in said, attack
    assert "\x1b" not in text and "\u202e" not in text and text.encode()


def test_nothing_is_loaded_from_anywhere():
    text = page.render(report(*samples.many()))
    assert not re.search(r"(?i)<(script|img|link|iframe|object|embed|video|audio|base|form)|url\(|@import|\bsrc=|\bon\w+=|javascript:", text)
    assert "://" not in text.replace("https://10.8.0.4:6443", "")


def test_five_hundred_are_quick_and_small():
    made = report(*samples.many())
    began = time.process_time()
    size = len(page.render(made).encode())
    assert time.process_time() - began < 1 and size < 600_000, size


def test_a_page_depends_on_the_report_and_its_time_alone():
    made = report(*samples.few())
    text = page.render(made)
    assert page.made_at(text) == samples.AT and page.render(made) == text
    other = page.render({**made, "made_at": "2026-12-01T00:00:00Z"})
    assert other != text and page.made_at(other) == "2026-12-01T00:00:00Z"
    assert other.replace("2026-12-01T00:00:00Z", samples.AT).replace("2026-12-01 00:00:00 UTC", "2026-11-21 09:30:00 UTC") == text
    assert page.made_at("<html>another page") == "" and page.made_at("") == ""


def test_lengths_are_classes_of_the_style():
    reader = checked(page.render(report(*samples.many())))
    used = {part for _name, attributes in reader.elements for part in attributes.get("class", "").split() if re.fullmatch(r"[wu]\d+", part)}
    assert len(used) > 50 and all(f".{name}{{" in _style.STYLE for name in used)
    assert "<" not in _style.STYLE
