# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters on what acmp_package_info returns."""

from __future__ import annotations

import datetime
import inspect
import json
import pathlib

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.acmp.middleware.plugins.filter.form import FilterModule
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive, documents
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import form
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILTERS = FilterModule().filters()


@pytest.fixture(scope="module")
def package():
    """As a task has it in its registered result."""
    read = model.load(archive.read_folder(str(ROOT / "examples" / "packages" / "redis")))
    return json.loads(json.dumps({
        "name": read.name, "version": read.version,
        "types": [{"name": item.name, "description": item.description, "document": documents.dump(item.document)} for item in read.types],
        "form": {item.name: [field.as_dict() for field in form.fields(read, item.name)] for item in read.types}}))


def test_every_filter_is_documented_as_it_is():
    folder = ROOT / "plugins" / "filter"
    assert {path.stem for path in folder.glob("*.yml")} == set(FILTERS)
    for name, function in FILTERS.items():
        described = yaml.safe_load((folder / f"{name}.yml").read_text())
        docs = described["DOCUMENTATION"]
        given, *options = inspect.signature(function).parameters.values()
        assert docs["name"] == name and given.name in ("package", "answers", "document")
        assert list(docs["options"]) == ["_input", *(option.name for option in options)]
        assert docs["positional"] == ", ".join(option.name for option in options[:2 if name != "form" else 1])
        for option in options:
            assert docs["options"][option.name].get("required", False) == (option.default is inspect.Parameter.empty)
        assert f"acmp.middleware.{name}" in described["EXAMPLES"] and yaml.safe_load(described["EXAMPLES"])


def test_form(package):
    fields = FILTERS["form"](package)
    assert fields == package["form"]["default"] and FILTERS["form"](package, "replicated")[0]["default"] == 2
    shown = FILTERS["form"](package, document="spec: {values: {replicas: 3}}")
    assert shown[0]["value"] == 3 and "value" not in shown[1]


def test_hidden_fields_are_left_out(package):
    secret = {"path": "values.x", "hidden": True}
    changed = {**package, "form": {"default": [secret, {"path": "values.y"}]}}
    assert [field["path"] for field in FILTERS["form"](changed)] == ["values.y"]
    assert [field["path"] for field in FILTERS["form"](changed, hidden=True)] == ["values.x", "values.y"]


def test_to_document(package):
    document = FILTERS["to_document"]({"values.replicas": "2", "values.persistence.size": "5Gi"}, package, "replicated", name="cache", namespace="shop")
    assert document["metadata"] == {"name": "cache", "namespace": "shop"} and document["kind"] == "HelmRelease"
    assert document["spec"]["values"]["replicas"] == 2 and document["spec"]["values"]["persistence"]["size"] == "5Gi"


def test_there_and_back(package):
    text = package["types"][1]["document"]
    parts = FILTERS["from_document"](text, package, "replicated")
    assert parts["answers"]["values.replicas"] == 2 and parts["problems"] == []
    assert FILTERS["to_document"](parts["answers"], package, "replicated", rest=parts["rest"]) == yaml.safe_load(text)
    changed = FILTERS["to_document"]({**parts["answers"], "values.replicas": 3}, package, "replicated", rest=parts["rest"])
    assert changed["spec"]["values"]["replicas"] == 3


class Tagged(str):
    """Text as Ansible's loaders make it."""


def test_ansibles_own_kinds_of_values(package):
    document = FILTERS["to_document"]({Tagged("values.image.tag"): Tagged("7.0.15")}, package, name=Tagged("cache"))
    assert [kind.__name__ for kind in map(type, (document["spec"]["values"]["image"]["tag"], document["metadata"]["name"]))] == ["str", "str"]
    dated = FILTERS["to_document"]({"values.image.tag": datetime.date(2026, 1, 2)}, package)
    assert dated["spec"]["values"]["image"]["tag"] == "2026-01-02"


@pytest.mark.parametrize(("name", "args", "told"), [
    ("form", ({"types": []},), "the package has no form"),
    ("form", ({"form": {}},), "the package has no form"),
    ("form", ("text",), "the package is no map"),
    ("form", (None,), "the package is no map"),
    ("form", ({"form": {"a": []}, "types": [{"name": "a"}]}, "b"), 'no instance type "b". known: a'),
    ("form", ({"form": {"b": []}, "types": [{"name": "a"}]},), 'the form of the type "a" is no list'),
    ("form", ({"form": {"a": [5]}, "types": [{"name": "a"}]},), "A field of the form is no map"),
    ("form", ({"form": {"a": [{"path": "a..b"}]}, "types": [{"name": "a"}]},), "is no field path"),
    ("from_document", ("a: [", {"form": {"a": []}, "types": [{"name": "a"}]}), "not valid YAML"),
    ("from_document", ("a", {"form": {"a": []}, "types": [{"name": "a"}]}), "the document is not a map"),
    ("from_document", (5, {"form": {"a": []}, "types": [{"name": "a"}]}), "the document is not a map"),
    ("to_document", ({}, {"form": {"a": []}, "types": [{"name": "a"}]}), "the document of the type is not a map"),
    ("to_document", ("x", {"form": {"a": []}, "types": [{"name": "a", "document": "kind: X"}]}), "The answers are not a map"),
])
def test_what_is_wrong_is_told_in_a_sentence(name, args, told):
    with pytest.raises(AnsibleFilterError) as caught:
        FILTERS[name](*args)
    assert told in str(caught.value) and "\n" not in str(caught.value) and "acmp.middleware" in str(caught.value)


def test_wrong_answers_are_all_named(package):
    with pytest.raises(AnsibleFilterError) as caught:
        FILTERS["to_document"]({"values.replicas": "many", "values.persistence.enabled": "hunter2"}, package)
    text = str(caught.value)
    assert "Read replicas (values.replicas) must be a whole number" in text and "Keep data (values.persistence.enabled) must be true or false" in text
    assert "hunter2" not in text and "redis 1." in text


def test_an_undefined_variable_stays_ansibles_error(package):
    from ansible.errors import AnsibleUndefinedVariable

    class Undefined(dict):
        def items(self):
            raise AnsibleUndefinedVariable("'x' is undefined")

    with pytest.raises(AnsibleUndefinedVariable):
        FILTERS["to_document"](Undefined(a=1), package)
