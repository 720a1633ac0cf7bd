# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The skeletons that the role package_init writes: rendered by Ansible's own templating, read and linted as packages."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.acmp.middleware.plugins.module_utils.package import documents
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import form
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.page import page
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter, sources
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

try:
    from ansible.template import trust_as_template
except ImportError:
    # Older ones trust every text.
    trust_as_template = str

ROLE = Path(__file__).resolve().parents[3] / "roles" / "package_init"
TEMPLATES = ROLE / "templates"
IMAGE = "registry.example:5000/team/mydb:2.7.1-debian"
CASES = {
    "helm": {"package_init_name": "mydb"},
    "helm with another image": {"package_init_name": "my_db2", "package_init_image": IMAGE, "package_init_title": 'A "title": with # marks'},
    "helm with a local image": {"package_init_name": "a1", "package_init_image": "mydb:1.0.0"},
    "helm with the longest name": {"package_init_name": "x" + "-y" * 19 + "z"},
    "operator": {"package_init_name": "mydb", "package_init_mode": "operator"},
    "operator with another image": {"package_init_name": "my_db2", "package_init_mode": "operator", "package_init_image": IMAGE},
    "operator with the longest name": {"package_init_name": "x" + "-y" * 19 + "z", "package_init_mode": "operator"},
}


def templar(given: dict) -> Templar:
    loader = DataLoader()
    variables: dict = {}
    for name in ("defaults", "vars"):
        variables |= yaml.safe_load((ROLE / name / "main.yml").read_text())
    variables = {key: trust_as_template(value) if isinstance(value, str) else _trusted(value) for key, value in {**variables, **given}.items()}
    return Templar(loader=loader, variables=variables)


def _trusted(value):
    if isinstance(value, list):
        return [_trusted(item) for item in value]
    if isinstance(value, dict):
        return {key: _trusted(item) for key, item in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


def delimiters() -> dict:
    """What the role's own template task sets."""
    tasks = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text())
    task = next(task["ansible.builtin.template"] for task in tasks if "ansible.builtin.template" in task)
    options = {key: value for key, value in task.items() if key.endswith("_string")}
    assert len(options) == 6
    return {**options, "trim_blocks": True}


def filled(tool: Templar, path: str, overrides: dict) -> bytes:
    text = (TEMPLATES / f"{path}.j2").read_text()
    if trust_as_template is str:
        # What it gives is text; template() would make data of what looks like JSON.
        return tool.do_template(text, preserve_trailing_newlines=True, escape_backslashes=False, overrides=overrides).encode()
    return tool.template(trust_as_template(text), escape_backslashes=False, overrides=overrides).encode()


def skeleton(given: dict) -> FileTree:
    tool, overrides = templar(given), delimiters()
    files = tool.template(trust_as_template("{{ package_init_files }}"))
    return FileTree({item["dest"]: filled(tool, item["src"], overrides) for item in files}, "skeleton")


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def tree(request) -> FileTree:
    return skeleton(request.param)


def test_every_template_is_written_by_one_of_the_modes():
    known = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    listed = [item["src"] for key in ("package_init_common", "package_init_helm", "package_init_operator") for item in known[key]]
    assert sorted(listed) == sorted(str(path.relative_to(TEMPLATES))[:-3] for path in TEMPLATES.rglob("*.j2"))


def test_defaults_of_the_role_and_of_the_playbook_agree():
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert f"default('{defaults['package_init_image']}')" in (ROLE.parents[1] / "playbooks" / "package_init.yml").read_text()
    assert yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["package_init_busybox"] == defaults["package_init_image"]


def test_nothing_of_the_templating_is_left(tree):
    for path, data in tree.items():
        text = data.decode()
        assert not any(mark in text for mark in ("<<", ">>", "<%", "%>", "<#", "#>", "SPDX", "package_init")), path
        assert text.endswith("\n") and not text.startswith("\n") and "\n\n\n" not in text, path
        assert all(line == line.rstrip() for line in text.splitlines()), path


def test_a_skeleton_is_a_package_without_findings(tree):
    package, findings = model.check(tree)
    assert not findings
    assert [item.name for item in package.types] == ["default", "replicated"]
    assert package.version == "0.1.0" and package.architectures == ("x86_64", "aarch64")
    assert package.spec_descriptors and package.status_descriptors
    if package.mode == "helm":
        assert package.types[0].document["kind"] == "HelmRelease"
        assert package.upgrade == model.Upgrade()


def test_the_linter_finds_nothing_to_do(tree):
    package, _findings = model.check(tree)
    manifests = [linter.Rendering("", sources.placed_manifests(tree, package.raw_root))] if package.template_type == "kubernetes" else []
    found = linter.lint(tree, linter.Options(), manifests).findings
    # Expressions are parsed only where the library is there. A name with an underscore was somebody's choice, and a chart cannot have it.
    chosen = ("ACMP-PROMQL-002", *(("ACMP-NAME-003", "ACMP-NAME-011") if "_" in package.name else ()))
    assert [finding for finding in found if finding.rule not in chosen] == []


def test_default_documents_are_answers_of_the_form(tree):
    package, _findings = model.check(tree)
    for item in package.types:
        document = documents.build(item.document, "orders", "shop")
        assert form.from_document(package, item.name, document)["problems"] == []


def test_every_field_of_the_form_has_a_type_and_a_default(tree):
    package, _findings = model.check(tree)
    for item in package.types:
        for field in form.fields(package, item.name):
            assert field.type in form.TYPES and field.type != "any", field
            assert field.label and field.help and not field.required, field


def test_a_skeleton_has_a_page(tree):
    assert "replicated" in page.render(model.load(tree))


def test_the_image_is_split_into_its_parts():
    values = yaml.safe_load(skeleton(CASES["helm with another image"]).text("raw/my-db2/values.yaml"))
    assert values["image"] == {"registry": "registry.example:5000", "repository": "team/mydb", "tag": "2.7.1-debian", "pullPolicy": "IfNotPresent"}
    assert "command" not in skeleton(CASES["helm with another image"]).text("raw/my-db2/templates/statefulset.yaml")
    values = yaml.safe_load(skeleton(CASES["helm with a local image"]).text("raw/a1/values.yaml"))
    assert (values["image"]["registry"], values["image"]["repository"]) == ("", "mydb")
    tree = skeleton(CASES["helm"])
    assert yaml.safe_load(tree.text("raw/mydb/values.yaml"))["image"]["repository"] == "library/busybox"
    assert '          command: ["sh", "/etc/mydb/start.sh"]\n' in tree.text("raw/mydb/templates/statefulset.yaml")


@pytest.mark.parametrize("image", ["busybox", "busybox:", "docker.io/library/busybox", "Busybox:1", "a b:1", "docker.io/x:1 y", "x@sha256:00"])
def test_an_image_without_a_fixed_version_has_no_parts(image):
    tool = templar({"package_init_name": "x1"})
    tool.available_variables = {**tool.available_variables, "package_init_image": trust_as_template(image)}
    assert tool.template(trust_as_template("{{ package_init_repository }}")) == ""


def test_values_and_schema_name_the_same():
    tree = skeleton(CASES["helm"])
    schema = json.loads(tree.text("raw/mydb/values.schema.json"))
    assert {*yaml.safe_load(tree.text("raw/mydb/values.yaml")), "global"} == set(schema["properties"])


def test_the_start_script_is_one_that_a_shell_reads(tmp_path):
    script = tmp_path / "start.sh"
    script.write_bytes(skeleton(CASES["helm"])["raw/mydb/files/start.sh"])
    subprocess.run(["sh", "-n", script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", script], check=True)
