# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Linting as the module does it: archives that cannot be read, charts that do not render, reports and baselines as files."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import linting, renderings
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

TINY = Path(__file__).resolve().parents[2] / "packages" / "tiny"
WANTED = {"render": False, "severity": "error", "format": "text", "select": [], "skip": []}


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def lint(*src: object, **more) -> dict:
    return linting.lint({}, None, {**WANTED, "src": [str(path) for path in src], **more}, Context(check_mode=more.pop("check", False)))


def test_a_good_package_passes(folder):
    result = lint(folder)
    assert not result.get("failed") and not result["changed"]
    assert result["counts"]["error"] == 0 and result["packages"][0]["package"] == "tiny 1.0.0"


def test_the_first_finding_is_the_message(folder):
    text = (folder / "metadata.yaml").read_text()
    (folder / "metadata.yaml").write_text(text.replace("name: tiny", "name: Tiny!"))
    result = lint(folder)
    assert result["failed"] and "ACMP-META-006" in result["msg"]
    assert "Where: metadata.yaml:" in result["msg"] and "To do: " in result["msg"]
    assert not lint(folder, severity="none").get("failed")


def test_an_archive_that_cannot_be_read_hides_no_other(folder, tmp_path):
    """FILE-001: named after the archive; the packages beside it are checked all the same."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        info = tarfile.TarInfo("../evil")
        packed.addfile(info)
    bad = tmp_path / "bad.tgz"
    bad.write_bytes(out.getvalue())
    result = lint(bad, folder)
    assert [(item["rule"], item["severity"], item["path"], item["line"]) for item in result["findings"] if item["src"] == str(bad)] == [
        ("ACMP-FILE-001", "error", "../evil", 0)]
    assert [item["package"] for item in result["packages"]] == ["", "tiny 1.0.0"] and result["failed"]


def test_nothing_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such folder or archive"):
        lint(tmp_path / "nowhere")


def test_versions_checked_together_are_each_others_graph(folder, tmp_path):
    second = Path(shutil.copytree(folder, tmp_path / "second"))
    for path in ("metadata.yaml", "manifests/csv.yaml"):
        (second / path).write_text((second / path).read_text().replace("1.0.0", "1.1.0"))
    application = (second / "application.yaml").read_text()
    assert "  templateType: helm\n" in application
    (second / "application.yaml").write_text(application.replace("  templateType: helm\n", "  templateType: helm\n  upgrade: {replaces: 0.9.0}\n"))
    alone, together = lint(second), lint(folder, second)
    missing = [item for item in together["findings"] if item["rule"].startswith("ACMP-APP-03")]
    assert missing and "0.9.0" in missing[0]["message"] and missing[0]["path"] == "application.yaml" and missing[0]["line"] > 1
    assert not [item for item in alone["findings"] if item["rule"] == missing[0]["rule"]]


def test_report_and_baseline_are_written_once_and_not_in_check_mode(folder, tmp_path):
    (folder / "metadata.yaml").write_text((folder / "metadata.yaml").read_text() + "nam: x\n")
    dest, baseline = tmp_path / "report.json", tmp_path / "baseline.json"
    options = {"format": "json", "dest": str(dest), "baseline": str(baseline), "write_baseline": True}
    assert lint(folder, check=True, **options)["changed"] and not dest.exists() and not baseline.exists()
    first, second = lint(folder, **options), lint(folder, **options)
    assert first["changed"] and not second["changed"] and len(first["actions"]) == 2
    assert json.loads(dest.read_text())["packages"][0]["package"] == "tiny 1.0.0"
    known = lint(folder, baseline=str(baseline), severity="hint")
    assert known["findings"] == [] and not known.get("failed")


@pytest.mark.parametrize("content", [None, "{}", b"\xff"])
def test_a_baseline_that_cannot_be_read(folder, tmp_path, content):
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        lint(folder, baseline=str(path))
    assert caught.value.where == str(path)


def _rendered(rendering: linter.Rendering) -> list[tuple]:
    tree = archive.read_folder(str(TINY))
    return [(item.rule, item.path, item.line) for item in linter.lint(tree, renderings=[rendering]).findings if "RENDER" in item.rule]


def test_what_helm_says_is_a_finding():
    """RENDER-001 to RENDER-004; helm itself runs in tests/integration."""
    package = model.load(archive.read_folder(str(TINY)))
    template = f"{package.raw_root}/templates/deployment.yaml"
    broken = linter.Rendering("default", error="helm template: no sense", path=template, line=3)
    assert _rendered(broken) == [("ACMP-RENDER-001", template, 3)]
    assert _rendered(linter.Rendering("default")) == [("ACMP-RENDER-004", package.raw_root, 0)]
    placed = linter.Placed({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, template)
    said = (("ERROR", "templates/deployment.yaml", "bad"), ("WARNING", "Chart.yaml", "odd"))
    assert _rendered(linter.Rendering("default", (placed,), linted=said)) == [("ACMP-RENDER-002", template, 0), ("ACMP-RENDER-003",
                                                                                                                 f"{package.raw_root}/Chart.yaml", 3)]
    assert _rendered(linter.Rendering("default", (placed,))) == []


@pytest.mark.parametrize(("message", "place"), [
    ("execution error at (tiny/templates/deployment.yaml:3:7): no", ("raw/tiny/templates/deployment.yaml", 3)),
    ("YAML parse error on tiny/templates/service.yaml: error converting YAML to JSON: yaml: line 3: x", ("raw/tiny/templates/service.yaml", 0)),
    ("parse error at (tiny/templates/other.yaml:1): x", ("raw/tiny/Chart.yaml", 0)), ("no such thing", ("raw/tiny/Chart.yaml", 0)),
])
def test_the_template_that_helm_names(message, place):
    assert renderings._place(message, model.load(archive.read_folder(str(TINY)))) == place
