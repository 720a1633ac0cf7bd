# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about a package: collected while reading, with lines looked up only when there is something to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ...errors import PackageError
from .. import yaml_reader
from ..tree import FileTree
from ._rules import ERROR, RULES, SEVERITIES, Rule


@dataclass(frozen=True)
class Finding:
    """rule: id such as ACMP-META-003. severity: error, warning or hint. path: file in the package; line from 1, 0 where unknown. todo: the fix."""

    rule: str
    severity: str
    message: str
    path: str
    line: int = 0
    todo: str = ""

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Report:
    """Reads the YAML files of a tree and gathers what is wrong with them; rules: by id, those that may be noted."""

    def __init__(self, tree: FileTree, rules: Mapping[str, Rule] = RULES) -> None:
        self.tree = tree
        self._rules = rules
        self._found: list[tuple[str, str, str, tuple, int, int]] = []
        self._lines: dict[str, list[dict]] = {}

    def add(self, rule: str, message: str, path: str, steps: tuple = (), document: int = 0, line: int = 0) -> None:
        """Notes a finding; steps: the place inside the file's document of that number."""
        # Whatever of the package stands in it: a terminal obeys letters that nobody sees.
        message = "".join(char if char.isprintable() else "?" for char in message)
        self._found.append((f"ACMP-{rule}", message, path, steps, document, line))

    def load(self, path: str, as_text: tuple[str, ...] = ()) -> object:
        """The file's data, None (and a finding) when it cannot be read."""
        try:
            return yaml_reader.load(self.tree[path], path, as_text)
        except PackageError as error:
            self._unreadable(error, path)
            return None

    def load_all(self, path: str) -> list:
        """The file's documents, none (and a finding) when it cannot be read."""
        try:
            return yaml_reader.load_all(self.tree[path], path)
        except PackageError as error:
            self._unreadable(error, path)
            return []

    def findings(self) -> tuple[Finding, ...]:
        """Errors first, else in the order they were noted (metadata.yaml before the others); equal ones once."""
        found = dict.fromkeys(
            Finding(rule, self._rules[rule].severity, message, path, line or self.line(path, steps, document), self._rules[rule].fix)
            for rule, message, path, steps, document, line in self._found)
        return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))

    def _unreadable(self, error: PackageError, path: str) -> None:
        # A missing library is no fault of the package.
        if not error.where:
            raise error
        line = error.where.rpartition(":")[2]
        self.add("YAML-001", error.what, path, line=int(line) if line.isdigit() else 0)

    def line(self, path: str, steps: tuple, document: int = 0) -> int:
        """The line (from 1) of a place in a YAML file, of the nearest map around it where there is none; 0 for files that cannot be read."""
        if path not in self.tree or not path.endswith((".yaml", ".yml")):
            return 0
        if path not in self._lines:
            try:
                self._lines[path] = [lines for _data, lines in yaml_reader.load_all_marked(self.tree[path], path)]
            except PackageError:
                self._lines[path] = []
        marks = self._lines[path]
        lines = marks[document] if document < len(marks) else {}
        # A missing field is reported at the map it is missing from.
        while steps and steps not in lines:
            steps = steps[:-1]
        return lines.get(steps, 0)


def raise_errors(findings: tuple[Finding, ...], origin: str) -> None:
    """PackageError with the first error as what and where, and all of them in details.findings; nothing when there is none."""
    errors = [finding for finding in findings if finding.severity == ERROR]
    if not errors:
        return
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    raise PackageError(
        f"{first.message}{more}", where=first.where, todo=first.todo, details={"origin": origin, "findings": [asdict(finding) for finding in errors]})
