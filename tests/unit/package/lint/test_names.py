# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import random

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _names
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

from .placing import CHART, METADATA, SOUND_CHART, found, line, tree

META = "metadata.yaml"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def said(files: dict[str, str | bytes | None]) -> list[tuple[str, str, int]]:
    base = tree({CHART: SOUND_CHART.replace("name: app", "name: redis"), "README.md": "# x\n"}, template="helm")
    return found(_names, base.with_files(files))


def test_a_sound_package():
    assert said({}) == []


@pytest.mark.parametrize(("name", "odd"), [
    ("files/a_b-c.d", False), (".helmignore", False), ("templates/_helpers.tpl", False), ("\u8bf4\u660e.md", False), ("LICENSE", False),
    ("my file.txt", True), ("a@b", True), ("a+b.txt", True), ("a.", True), ("a-", True), ("_", True), ("what?/a.txt", True), ("a(1).txt", True),
])
def test_names_of_files(name, odd):
    assert said({f"raw/app/{name}": "x"}) == ([("NAME-001", f"raw/app/{name}", 0)] if odd else [])


def test_many_names_of_files():
    findings = said({f"raw/app/a {number:02}": "x" for number in range(30)})
    assert len(findings) == 11 and {rule for rule, _path, _line in findings} == {"NAME-001"}


@pytest.mark.parametrize(("old", "new", "rules"), [
    ("version: 1.0.0", "version: 1.0.0+build", ["NAME-002"]), ("version: 1.0.0", "version: v1.0.0-rc.1", []),
    ("name: redis", "name: redis_x", ["NAME-003", "NAME-011"]),
    ("name: redis", "name: redis-x", ["NAME-011"]), ("name: redis", f"name: {'a' * 54}", ["NAME-010", "NAME-011"]),
    ("name: redis", f"name: {'a' * 53}", ["NAME-011"]),
    ("name: redis", f"name: redis\ndescription: {'x' * 1001}", ["NAME-005"]), ("name: redis", f"name: redis\ndescription: {'x' * 1000}", []),
])
def test_metadata(old, new, rules):
    metadata = METADATA.replace(old, new)
    key = {"NAME-002": "version:", "NAME-003": "name:", "NAME-005": "description:", "NAME-010": "name:"}
    expected = {(rule, CHART, 2) if rule == "NAME-011" else (rule, META, line(metadata, key[rule])) for rule in rules}
    assert set(said({META: metadata})) == expected


def test_sizes():
    noise = random.Random(1).randbytes(5 * 1024 * 1024)
    assert said({"README.md": "x" * 600_000}) == [("NAME-006", META, 1)]
    assert said({"README.md": "x" * 500_000}) == []
    assert said({"raw/app/big.bin": noise[:1_100_000]}) == [("NAME-009", "raw/app/big.bin", 0)]
    assert said({"raw/app/small.bin": noise[:1_000_000]}) == []
    many = {f"raw/app/{number}": noise[number * 1_000_000:(number + 1) * 1_000_000] for number in range(5)}
    assert said(many) == [("NAME-004", META, 1)]
    assert said({path: b"x" * 1_000_000 for path in many}) == []


@pytest.mark.parametrize(("data", "claimed", "rules"), [
    (PNG, "image/png", []), (PNG, "", []), (SVG, "image/svg+xml", []),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE svg [<!ENTITY a 'b'>]>\n" + SVG, "", []),
    (b"<!DOCTYPE svg>" + SVG, "image/svg", []), (b"\xff\xd8\xff\xe0", "image/jpg", []), (b"GIF89a...", "image/gif", []),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", []),
    (SVG, "image/png", ["NAME-008"]), (PNG, "image/jpeg", ["NAME-008"]), (b"hello", "image/png", ["NAME-008"]), (b"<html><svg/></html>", "", ["NAME-008"]),
    (b"<!-- " * 100, "", ["NAME-008"]), (b"BM....", "image/bmp", ["NAME-008"]), (PNG + b"\0" * 300_000, "image/png", ["NAME-007"]),
])
def test_logos(data, claimed, rules):
    by_path = METADATA + f"logo:\n  path: logo.x\n  mediatype: '{claimed}'\n"
    findings = said({META: by_path, "logo.x": data})
    assert [rule for rule, _path, _line in findings] == rules and all(where[1] == META and where[2] >= 4 for where in findings)
    by_text = METADATA + f"logo:\n  base64data: {base64.b64encode(data).decode()}\n  mediatype: '{claimed}'\n"
    assert [rule for rule, _path, _line in said({META: by_text})] == rules


def test_the_line_of_a_logo():
    metadata = METADATA + "logo:\n  path: logo.x\n  mediatype: image/png\n"
    assert said({META: metadata, "logo.x": SVG}) == [("NAME-008", META, line(metadata, "mediatype"))]
    assert said({META: metadata, "logo.x": b"text"}) == [("NAME-008", META, line(metadata, "path:"))]


def test_a_package_without_a_chart_has_no_name_to_compare():
    package = tree({"raw/app/all.yaml": "kind: Pod\n", META: METADATA.replace("redis", "other")})
    assert isinstance(package, FileTree) and found(_names, package) == []
