# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings as text for people, JSON for programs, and JUnit for pipelines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from xml.etree import ElementTree

from ..model._rules import SEVERITIES
from .linter import Finding

FORMATS = ("text", "json", "junit")


@dataclass(frozen=True)
class Checked:
    """One package's findings. src: as given. title: name and version, "" where they cannot be read. seconds: what it took."""

    src: str
    title: str
    findings: tuple[Finding, ...]
    seconds: float = 0.0


def write(checked: Sequence[Checked], form: str, severity: str = "error") -> str:
    """All packages' findings as one text in a format of FORMATS. severity: from which on a finding is a failure in JUnit."""
    return _junit(checked, severity) if form == "junit" else {"text": _text, "json": _json}[form](checked)


def line(item: Checked) -> str:
    """One package's result for a person who waits."""
    return f"{item.title or item.src}  {_sum(item.findings)}  {item.seconds:.1f}s"


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity, zeros included."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in SEVERITIES}


def _text(checked: Sequence[Checked]) -> str:
    lines = []
    for item in checked:
        lines.append(f"{item.title or 'unreadable'}  {item.src}")
        for finding in item.findings:
            lines.append(f"  {finding.where}  {finding.severity} {finding.rule}: {finding.message}")
            lines.append(f"      {finding.todo}")
        lines.append(f"  {_sum(item.findings)}")
    return "\n".join(lines) + "\n"


def _sum(findings: Iterable[Finding]) -> str:
    found = counts(findings)
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in found.items() if number) or "no findings"


def _json(checked: Sequence[Checked]) -> str:
    packages = [
        {"src": item.src, "package": item.title, **counts(item.findings), "findings": [asdict(finding) for finding in item.findings]} for item in checked]
    return json.dumps({"packages": packages}, indent=1, ensure_ascii=False) + "\n"


def _junit(checked: Sequence[Checked], severity: str) -> str:
    """One suite a package, one case a rule that found something; a package without findings is one passed case."""
    bad = SEVERITIES[:SEVERITIES.index(severity) + 1] if severity in SEVERITIES else SEVERITIES[:1]
    top = ElementTree.Element("testsuites", name="acmp_package_lint")
    for item in checked:
        rules = list(dict.fromkeys(finding.rule for finding in item.findings))
        failed = [rule for rule in rules if any(finding.rule == rule and finding.severity in bad for finding in item.findings)]
        suite = ElementTree.SubElement(
            top, "testsuite", name=_clean(item.title or item.src), tests=str(len(rules) or 1), failures=str(len(failed)), errors="0",
            skipped=str(len(rules) - len(failed)))
        if not rules:
            ElementTree.SubElement(suite, "testcase", classname=_clean(item.title or item.src), name="no findings")
        for rule in rules:
            of_rule = [finding for finding in item.findings if finding.rule == rule]
            case = ElementTree.SubElement(suite, "testcase", classname=_clean(item.title or item.src), name=rule, file=_clean(of_rule[0].path))
            # JUnit knows no warnings; viewers show what was skipped without failing the build.
            word = "failure" if rule in failed else "skipped"
            note = ElementTree.SubElement(case, word, message=_clean(of_rule[0].message))
            note.text = _clean("\n".join(f"{finding.where}: {finding.message}. {finding.todo}" for finding in of_rule))
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return "".join(char if char in "\n\t" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000" else "?" for char in text)
