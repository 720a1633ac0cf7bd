# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import documents, validate
from ansible_collections.acmp.middleware.plugins.module_utils.package.model.model import Descriptor
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given, settings
from hypothesis import strategies as st

UI = validate.UI

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.com/schema.json", "type": "object", "required": ["image"],
    "additionalProperties": False,
    "properties": {
        "replicas": {"type": "integer", "minimum": 1, "maximum": 5},
        "image": {"$ref": "#/definitions/image"},
        "mode": {"enum": ["single", "cluster"]},
        "ports": {"type": "array", "items": {"type": "object", "properties": {"port": {"type": "integer"}}}, "maxItems": 2},
        "password": {"type": "string", "minLength": 8},
        "size": {"type": "string", "pattern": "^[0-9]+Gi$"},
        "any": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["x"]}]},
        "labels": {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False},
    },
    "definitions": {"image": {"type": "object", "required": ["tag"], "properties": {"tag": {"type": ["string", "null"]}}}},
}


def problems(values, schema=..., defaults=None):
    with pytest.raises(InputError) as caught:
        document = documents.build(None, "a", "b", script=None, values={"values": values})
        validate.check_values(document, SCHEMA if schema is ... else schema, "redis 1.0.0", defaults)
    assert "redis 1.0.0" in caught.value.what
    return {item["path"]: item for item in caught.value.details["problems"]}


def passes(values, schema=..., defaults=None):
    return validate.check_values(documents.build(None, "a", "b", {"values": values}), SCHEMA if schema is ... else schema, "x", defaults)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_args, **_more):
        raise AssertionError("a schema asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_every_violation_is_told_with_its_form_path():
    found = problems({"replicas": 9, "mode": "x", "ports": [{"port": "http"}, {}], "image": {"tag": 1}, "size": "3", "imagee": 1})
    assert list(found) and set(found) == {"values.replicas", "values.mode", "values.ports[0].port", "values.image.tag", "values.size", "values.imagee"}
    assert found["values.replicas"]["message"] == "must be at most 5"
    assert found["values.mode"]["allowed"] == ["single", "cluster"] and "single" in found["values.mode"]["message"]
    assert found["values.ports[0].port"]["message"] == "must be a whole number"
    assert found["values.image.tag"]["message"] == "must be text or null"
    assert 'did you mean "image"' in found["values.imagee"]["message"]


def test_values_are_never_shown():
    with pytest.raises(InputError) as caught:
        passes({"password": "hunter2", "mode": "hunter2", "size": "hunter2", "ports": "hunter2", "any": ["hunter2"], "replicas": "hunter2"})
    assert "hunter2" not in str(caught.value.to_result())


def test_missing_fields_count_only_with_the_charts_defaults():
    assert passes({"replicas": 2}) == ()
    assert passes({"any": {}}) == ()
    assert passes({"replicas": 2}, defaults={"image": {"tag": "1"}}) == ()
    assert set(problems({"replicas": 2}, defaults={})) == {"values.image"}
    assert set(problems({"replicas": 2}, defaults={"image": {}})) == {"values.image.tag"}
    assert set(problems({"any": {}}, defaults={"image": {"tag": "1"}})) == {"values.any"}


def test_names_that_match_a_pattern_are_known():
    assert set(problems({"labels": {"x-a": "1", "b": "2"}})) == {"values.labels.b"}


def test_without_a_schema():
    assert passes({"x": 1}, None) == ()
    assert passes({"x": 1}, {}) == ()
    assert set(problems({"x": 1}, {"properties": {"x": False}})) == {"values.x"}


def test_operator_documents_are_checked_from_spec():
    document = {"apiVersion": "a/v1", "kind": "Etcd", "spec": {"size": 0}}
    with pytest.raises(InputError) as caught:
        validate.check_values(document, {"properties": {"size": {"minimum": 1}}}, "x")
    assert caught.value.details["problems"][0]["path"] == "size"


@pytest.mark.parametrize("reference", ["https://example.com/x.json", "file:///etc/passwd", "other.json", "http://json-schema.org/draft-07/schema#"])
def test_references_to_elsewhere_are_not_followed(reference):
    schema = {"$id": "https://example.com/a.json", "properties": {"a": {"$ref": reference}, "b": {"type": "string"}}}
    assert passes({"a": 1}, schema) == (f"reference to {reference}",)
    assert set(problems({"a": 1, "b": 1}, schema)) == {"values.b"}


@pytest.mark.parametrize("schema", [
    {"$ref": "#"}, {"properties": {"a": {"$ref": "#/definitions/none"}}}, {"type": "nothing"}, {"properties": []}, {"properties": {"a": {"multipleOf": 0}}},
    {"definitions": {"x": {"$ref": "#/definitions/x"}}, "properties": {"a": {"$ref": "#/definitions/x"}}}, {"minimum": "x"}, {"enum": 5},
])
def test_unusable_schemas(schema):
    with pytest.raises(PackageError):
        passes({"a": 1}, schema)


def test_hostile_schemas():
    deep: dict = {}
    for _level in range(3000):
        deep = {"properties": {"a": deep}}
    with pytest.raises(PackageError, match="too deep"):
        passes({}, deep)
    start = time.process_time()
    slow = {"properties": {"a": {"pattern": "^(a+)+$"}, "b": {"pattern": "("}, "c": {"patternProperties": {"(": {}}, "additionalProperties": False}}}
    assert passes({"a": "a" * 5000 + "!", "b": "x", "c": {"d": 1}}, slow) == ("pattern ^(a+)+$", "pattern (", "patternProperties")
    many = {"additionalProperties": False}
    with pytest.raises(InputError) as caught:
        passes({f"k{number}": 1 for number in range(5000)}, many)
    assert len(caught.value.what) < 5000
    assert time.process_time() - start < 5


def test_properties_named_like_keywords_are_names():
    schema = {"properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}, "id": {"type": "string"}, "const": {"type": "string"}}}
    assert set(problems({"pattern": 1, "$ref": 1, "id": 1}, schema)) == {"values.pattern", "values.$ref", "values.id"}


@settings(max_examples=150, deadline=None)
@given(st.recursive(
    st.booleans() | st.integers(-3, 3) | st.sampled_from(["string", "object", "#", "#/definitions/a", "a", "^a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["type", "properties", "$ref", "anyOf", "if", "then", "not", "items", "enum", "pattern", "required", "definitions", "a", "allOf",
                         "minimum", "$id"]),
        inner, max_size=4), max_leaves=15).filter(lambda schema: isinstance(schema, dict)))
def test_any_schema_gives_a_verdict(schema):
    try:
        passes({"a": {"a": 1}, "b": [1, "x"]}, schema)
    except (InputError, PackageError) as error:
        assert error.what


def descriptor(path, *widgets, kind="HelmRelease"):
    return Descriptor(path, widgets=tuple(UI + widget if not widget.startswith("urn") else widget for widget in widgets), kind=kind)


FORM = (
    descriptor("values.failover", "select:yes", "select:no"), descriptor("values.on", "booleanSwitch"), descriptor("values.replicas", "podCount"),
    descriptor("values.share", "number"), descriptor("values.size", "number", "fieldDependency:values.on:true"), descriptor("values.text", "text"),
    descriptor("size", "number", kind="Other"), descriptor("values..bad", "number"), descriptor("values.empty", "select:"),
)


@pytest.mark.parametrize("values", [
    {}, {"failover": "yes", "on": True, "replicas": 0, "share": 1.5, "size": 3}, {"failover": None, "on": None},
    {"failover": "", "on": "", "replicas": ""},
    {"on": False, "size": "hidden"}, {"size": "hidden"}, {"text": [1]}, {"empty": "x"},
])
def test_forms_that_fit(values):
    validate.check_descriptors(documents.build(None, "a", "b", {"values": values}), FORM, "x")


@pytest.mark.parametrize(("values", "path", "word"), [
    ({"failover": "maybe"}, "values.failover", "one of yes, no"), ({"failover": True}, "values.failover", "quote it"),
    ({"failover": ["yes"]}, "values.failover", "one of"),
    ({"on": "true"}, "values.on", "true or false"), ({"on": 1}, "values.on", "true or false"), ({"replicas": "3"}, "values.replicas", "whole number"),
    ({"replicas": -1}, "values.replicas", "whole number"), ({"replicas": 1.5}, "values.replicas", "whole number"),
    ({"replicas": True}, "values.replicas", "whole"),
    ({"share": "1"}, "values.share", "a number"), ({"share": False}, "values.share", "a number"), ({"on": True, "size": "x"}, "values.size", "a number"),
])
def test_forms_that_do_not_fit(values, path, word):
    with pytest.raises(InputError) as caught:
        validate.check_descriptors(documents.build(None, "a", "b", {"values": values}), FORM, "redis")
    assert [item["path"] for item in caught.value.details["problems"]] == [path]
    assert word in caught.value.message and "redis" in caught.value.message


def test_the_schemas_type_beats_the_widget():
    schema = {"properties": {"share": {"$ref": "#/definitions/text"}, "on": {}}, "definitions": {"text": {"type": "string"}}}
    document = documents.build(None, "a", "b", {"share": "1"})
    validate.check_descriptors(document, FORM, "x", schema)
    with pytest.raises(InputError):
        validate.check_descriptors(documents.build(None, "a", "b", {"on": "1"}), FORM, "x", schema)


def test_choices():
    assert validate.choices((UI + "select:a", UI + "select:", UI + "text", UI + "select:b", UI + "select:a")) == ("a", "b")


def test_schema_file():
    assert validate.load_schema(FileTree({})) is None
    assert validate.load_schema(FileTree({"values.schema.json": b'{"type": "object"}'})) == {"type": "object"}
    for raw in (b"{", b"[]", b"[" * 100_000, b"\xff", b"NaN"):
        with pytest.raises(PackageError):
            validate.load_schema(FileTree({"values.schema.json": raw}))
