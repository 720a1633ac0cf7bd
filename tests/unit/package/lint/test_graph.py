# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _graph
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Options

from .placing import found, line, tree

FILE = "application.yaml"
HEAD = "apiVersion: operators.apusic.com/v1alpha1\nkind: Application\nmetadata: {name: redis}\nspec:\n  type: helm\n  templateType: helm\n  manifests: {}\n"
VALUES = {"raw/app/values.yaml": "image: {tag: '7'}\n", "raw/app/templates/a.yaml": "x: {{ .Values.image.tag }}\n"}


def said(upgrade: str, known: dict | None = None, version: str = "1.2.0", rest: str = "") -> list[tuple[str, int]]:
    """(rule, line in application.yaml)."""
    application = HEAD + (f"  upgrade:\n{upgrade}" if upgrade else "") + rest
    package = tree({FILE: application, "metadata.yaml": f"name: redis\nversion: {version}\n", **VALUES}, template="helm")
    findings = found(_graph, package, options=Options(versions=known))
    assert all(path == FILE for _rule, path, _line in findings)
    return [(rule, number) for rule, _path, number in findings]


REPLACES, SKIPS, RANGE = "    replaces: 1.1.0\n", "    skips:\n      - 1.0.0\n      - 1.1.0\n", "    skipRange: '>=1.0.0 <1.2.0'\n"
ONE, TWO = {"1.1.0": {"replaces": "1.0.0"}}, {"1.1.0": {"replaces": "1.0.0"}, "1.0.0": {}}


@pytest.mark.parametrize(("upgrade", "known", "expected"), [
    ("", None, []), (REPLACES, None, []), (REPLACES, {}, []), (REPLACES, ONE, []), (SKIPS, TWO, []), (RANGE, TWO, []),
    ("    replaces: redis.v1.1.0\n", ONE, []), ("    replaces: v1.1.0\n", {"1.1.0": None}, []),
    ("    replaces: 1.0.5\n", {"1.0.0": {}, "1.0.4": {}}, [("APP-030", 9), ("APP-035", 8)]), (SKIPS, ONE, [("APP-030", 10)]),
    ("    replaces: 1.1.0\n", {"1.1.0": {"replaces": "1.2.0"}}, [("APP-031", 9)]),
    ("    replaces: 1.1.0\n", {"1.1.0": {"replaces": "1.0.0"}, "1.0.0": {"replaces": "redis.v1.2.0"}}, [("APP-031", 9)]),
    ("    replaces: 1.1.0\n", {"1.1.0": {"replaces": "1.0.0"}, "1.0.0": {"replaces": "1.1.0"}}, []),
    (REPLACES, {**ONE, "1.1.5": {"replaces": "1.1.0"}}, [("APP-032", 9)]),
    (REPLACES, {**ONE, "1.1.5": {"replaces": "redis.v1.1.0", "skipRange": "<1.0.0"}}, [("APP-032", 9)]),
    (REPLACES + "    skips: [1.1.5]\n", {**ONE, "1.1.5": {"replaces": "1.1.0"}}, []),
    (REPLACES, {**ONE, "1.3.0": {"replaces": "1.1.0", "skips": ["1.2.0"]}}, []),
    (REPLACES, {**ONE, "1.3.0": {"replaces": "1.1.0", "skipRange": ">=1.1.0 <1.3.0"}}, []), (REPLACES, {**ONE, "1.1.5": {"replaces": "1.0.0"}}, []),
    ("    replaces: 1.3.0\n", None, [("APP-033", 9)]), ("    replaces: redis.v2.0.0\n", None, [("APP-033", 9)]), ("    replaces: 1.2.0-rc.1\n", None, []),
    ("    skipRange: '>=1.0.0'\n", None, [("APP-034", 9)]), ("    skipRange: '<=1.2.0'\n", None, [("APP-034", 9)]),
    ("", ONE, [("APP-035", 4)]), ("", {"2.0.0": {}}, []), ("    replaces: 1.0.0\n", TWO, [("APP-032", 9)]),
    # What is no version was noted when the file was read.
    ("    replaces: older\n", ONE, [("APP-035", 8)]), ("    skipRange: '^1'\n", TWO, [("APP-035", 8)]),
    (REPLACES, {**ONE, "x": {}, "1.2.0": {"replaces": "1.1.0"}}, []),
    (REPLACES, {"1.1.0": 5, "1.0.0": {"replaces": 5, "skips": "x", "skipRange": []}}, []),
    (REPLACES, {**ONE, "1.1.9": {"skipRange": "^1", "replaces": "1.1.0"}}, [("APP-032", 9)]),
])
def test_upgrades(upgrade, known, expected):
    assert said(upgrade, known) == expected


def test_osc_skips_lead_nowhere():
    assert said(SKIPS, TWO) == []
    assert said(SKIPS + "    skipsSemantics: osc\n", TWO) == [("APP-035", 8)]


TAGS = "  versionDefinition:\n    mode: tag\n    path: {}\n    tags: ['7.0', '7.2']\n"


@pytest.mark.parametrize(("path", "bad"), [("values.image.tag", False), ("values.image.tags", True), ("values.imag.tag", True), ("image.tag", False)])
def test_the_path_of_versions(path, bad):
    rest = TAGS.format(path)
    assert said("", rest=rest) == ([("APP-036", line(HEAD + rest, "path:"))] if bad else [])


@pytest.mark.parametrize(("known", "bad"), [
    ({"1.1.0": {"tags": ["7.2", "6.0"]}}, False), ({"1.1.0": {"tags": []}}, False), ({"1.1.0": {}}, False), ({"1.1.0": {"tags": ["6.0"]}}, True),
    ({"1.1.0": {"tags": ("6.0",)}, "1.0.0": {"tags": ["7.0"]}}, True), ({"1.1.0": {}, "1.0.0": {"tags": ["6.0"]}}, False), ({"1.1.0": {"tags": 6}}, False),
])
def test_tags_go_on(known, bad):
    rest = TAGS.format("values.image.tag")
    assert said(REPLACES, known, rest=rest) == ([("APP-037", line(HEAD + "  upgrade:\n" + REPLACES + rest, "tags:"))] if bad else [])
    # Without any, none is left.
    former = known["1.1.0"].get("tags")
    assert [rule for rule, _line in said(REPLACES, known)] == (["APP-037"] if former and former != 6 else [])
