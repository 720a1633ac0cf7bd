# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports: text, JSON and JUnit."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import output
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint.linter import Finding

BAD = Finding("ACMP-META-003", "error", "name is missing", "metadata.yaml", 1, "Add the field")
ODD = Finding("ACMP-META-008", "warning", 'a "key" <b>&\x07\ud800 is not a known field', "metadata.yaml", 0, "Remove it")
CHECKED = [output.Checked("dist/redis.tgz", "redis 1.0.0", (BAD, ODD, ODD), 0.25), output.Checked("tiny", "tiny 1.0.0", ()), output.Checked("broken", "",
                                                                                                                                            (BAD,))]


def test_text_names_rule_place_and_fix():
    lines = output.write(CHECKED, "text").splitlines()
    assert lines[0] == "redis 1.0.0  dist/redis.tgz"
    assert lines[1] == "  metadata.yaml:1  error ACMP-META-003: name is missing"
    assert lines[2] == "      Add the field"
    assert "  1 error, 2 warnings" in lines and "  no findings" in lines and "unreadable  broken" in lines


def test_json_holds_everything():
    packages = json.loads(output.write(CHECKED, "json"))["packages"]
    assert [(item["package"], item["error"], item["warning"], item["hint"]) for item in packages] == [
        ("redis 1.0.0", 1, 2, 0), ("tiny 1.0.0", 0, 0, 0), ("", 1, 0, 0)]
    assert packages[0]["findings"][0] == {
        "rule": "ACMP-META-003", "severity": "error", "message": "name is missing", "path": "metadata.yaml", "line": 1, "todo": "Add the field"}


def test_junit_fails_for_what_the_task_fails_for():
    def failures(severity):
        top = ElementTree.fromstring(output.write(CHECKED, "junit", severity).encode())
        return [suite.get("failures") for suite in top.findall("testsuite")]

    assert failures("warning") == failures("hint") == ["2", "0", "1"]
    assert failures("error") == failures("none") == ["1", "0", "1"]


def test_junit_is_xml_that_fails_for_errors_only():
    top = ElementTree.fromstring(output.write(CHECKED, "junit").encode())
    suites = top.findall("testsuite")
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) for suite in suites] == [
        ("redis 1.0.0", "2", "1", "1"), ("tiny 1.0.0", "1", "0", "0"), ("broken", "1", "1", "0")]
    assert [case.get("name") for case in suites[0].findall("testcase")] == ["ACMP-META-003", "ACMP-META-008"]
    assert suites[0].find("testcase/failure").get("message") == "name is missing"
    assert suites[0].find("testcase/skipped") is not None and suites[1].find("testcase")[:] == []
