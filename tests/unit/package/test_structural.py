# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schemas of CustomResourceDefinitions as the API server reads them; what it says was looked up in its own library."""

from __future__ import annotations

import copy
import json
import os
import pathlib
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.crd import structural
from hypothesis import given
from hypothesis import strategies as st

REAL = pathlib.Path(os.environ.get("ACMP_REAL_PACKAGES") or pathlib.Path(__file__).resolve().parents[4] / "shared" / "real-packages")
INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
TEXT = {"type": "string"}
PRESERVE, EMBEDDED, EITHER = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"
LIST, KEYS, MAP, RULES = "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations"
ITEMS = {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": {"type": "array", "items": TEXT}}}


def of(**properties) -> dict:
    return {"type": "object", "properties": properties}


def field(**keywords) -> dict:
    """A schema with one field of these keywords; x-kubernetes- is spelled x_."""
    return of(f={key.replace("x_", "x-kubernetes-").replace("_", "-"): value for key, value in keywords.items()})


def resource(schema: dict, **spec) -> tuple[dict, dict]:
    return {"apiVersion": "db.example.com/v1", "kind": "Db", "metadata": {"name": "a"}, "spec": spec}, of(spec=schema)


@pytest.mark.parametrize(("schema", "place"), [
    ({}, ()), ({"type": "string"}, ("type",)), ("x", ()), (None, ()), ({"type": ["object"]}, ("type",)),
    (of(f={}), ("properties", "f")), (of(f=None), ("properties", "f")), (of(f={"type": "array"}), ("properties", "f")),
    (of(f={"type": "array", "items": {}}), ("properties", "f", "items")), (of(f={"type": "array", "items": [TEXT]}), ("properties", "f", "items")),
    (of(f={"type": "text"}), ("properties", "f", "type")), (of(f={"type": "null"}), ("properties", "f", "type")),
    (field(type="object", properties={"a": TEXT}, additionalProperties=TEXT), ("properties", "f", "additionalProperties")),
    (field(type="object", properties={"a": TEXT}, additionalProperties=False), ("properties", "f", "additionalProperties")),
    ({"type": "object", "additionalProperties": TEXT}, ("additionalProperties",)),
    (of(f={**TEXT, "$ref": "#/x"}), ("properties", "f", "$ref")), (of(f={**TEXT, "id": "x"}), ("properties", "f", "id")),
    (of(f={**TEXT, "$schema": "x"}), ("properties", "f", "$schema")), (of(f={**TEXT, "definitions": {"a": TEXT}}), ("properties", "f", "definitions")),
    (of(f={**TEXT, "patternProperties": {"a": TEXT}}), ("properties", "f", "patternProperties")),
    (of(f={**TEXT, "dependencies": {}}), ("properties", "f", "dependencies")),
    (of(f={**TEXT, "additionalItems": True}), ("properties", "f", "additionalItems")),
    (field(type="array", items=TEXT, uniqueItems=True), ("properties", "f", "uniqueItems")),
    (field(type="string", maxLength="1"), ("properties", "f", "maxLength")), (field(type="string", required=[1]), ("properties", "f", "required")),
    (field(type="string", anyOf={}), ("properties", "f", "anyOf")), (field(type="string", maxLength=1.5), ("properties", "f", "maxLength")),
    (field(type="string", pattern="(?=a)"), ("properties", "f", "pattern")), (field(type="string", pattern="a{1001}"), ("properties", "f", "pattern")),
    (of(f={**TEXT, PRESERVE: False}), ("properties", "f", PRESERVE)), (of(f={EITHER: True, PRESERVE: True}), ("properties", "f", PRESERVE)),
    (of(f={EITHER: True, EMBEDDED: True}), ("properties", "f", EMBEDDED)), (of(f={**TEXT, EMBEDDED: True}), ("properties", "f")),
    (of(f={"type": "object", EMBEDDED: True}), ("properties", "f")),
    (of(f={"type": "object", EMBEDDED: True, "additionalProperties": TEXT}), ("properties", "f", "additionalProperties")),
    (of(f={**of(kind={"type": "integer"}), EMBEDDED: True}), ("properties", "f", "properties", "kind")),
    (of(f={"anyOf": INT_OR_STRING}), ("properties", "f")), (of(f={EITHER: True, "anyOf": INT_OR_STRING[::-1]}), ("properties", "f", "anyOf", 0, "type")),
    (field(type="string", anyOf=[TEXT]), ("properties", "f", "anyOf", 0, "type")), (field(type="string", allOf=[{"default": "a"}]), None),
    (field(type="string", oneOf=[{"title": "a"}]), None), (of(f={**TEXT, "not": {"description": "a"}}), None),
    (field(type="string", anyOf=[{"nullable": True}]), None),
    (field(type="object", anyOf=[{"additionalProperties": True}]), None), (of(f={**TEXT, "anyOf": [{PRESERVE: True}]}), None),
    (of(f={**TEXT, "anyOf": [{EMBEDDED: True}]}), None), (of(f={**TEXT, "anyOf": [{EITHER: True}]}), None),
    (of(f={**TEXT, "anyOf": [{LIST: "set"}]}), None), (of(f={**TEXT, "anyOf": [{KEYS: ["a"]}]}), None), (of(f={**TEXT, "anyOf": [{MAP: "atomic"}]}), None),
    (of(f={**TEXT, "anyOf": [{RULES: [{"rule": "true"}]}]}), None), (of(f={**TEXT, "anyOf": [{"pattern": "("}]}), None),
    ({**of(f=TEXT), "anyOf": [{"properties": {"g": {}}}]}, ("anyOf", 0, "properties", "g")),
    ({**of(f=TEXT), "anyOf": [{"properties": {"f": {"items": {}}}}]}, ("anyOf", 0, "properties", "f", "items")),
    ({**of(metadata={"type": "object"}), "anyOf": [{"properties": {"metadata": {}}}]}, ("anyOf", 0, "properties", "metadata")),
    (of(metadata=TEXT), ("properties", "metadata")), (of(apiVersion={"type": "integer"}), ("properties", "apiVersion")),
    (of(metadata={"type": "object", "description": "x"}), ("properties", "metadata")), (of(metadata=of(labels={"type": "object"})), ("properties", "metadata")),
    (of(metadata=of(name={**TEXT, "default": "a"})), ("properties", "metadata", "properties", "name", "default")),
    ({**of(f=TEXT), "nullable": True}, ("nullable",)),
    (of(f={**TEXT, LIST: "set"}), ("properties", "f", LIST)), (of(f={"type": "array", "items": TEXT, LIST: "bag"}), ("properties", "f", LIST)),
    (of(f={"type": "array", "items": {**TEXT, "nullable": True}, LIST: "set"}), ("properties", "f", "items", "nullable")),
    (of(f={"type": "array", "items": {"type": "object"}, LIST: "set"}), ("properties", "f", "items")),
    (of(f={"type": "array", "items": {"type": "array", "items": TEXT, LIST: "set"}, LIST: "set"}), ("properties", "f", "items")),
    (of(f={"type": "array", "items": ITEMS, LIST: "map"}), ("properties", "f", LIST)),
    (of(f={"type": "array", "items": ITEMS, KEYS: ["a"]}), ("properties", "f", KEYS)),
    (of(f={"type": "array", "items": TEXT, LIST: "map", KEYS: ["a"]}), ("properties", "f", "items")),
    (of(f={"type": "array", "items": ITEMS, LIST: "map", KEYS: ["z"]}), ("properties", "f", KEYS)),
    (of(f={"type": "array", "items": ITEMS, LIST: "map", KEYS: ["a", "a"]}), ("properties", "f", KEYS)),
    (of(f={"type": "array", "items": ITEMS, LIST: "map", KEYS: ["b"]}), ("properties", "f", "items", "properties", "b")),
    (of(f={"type": "array", "items": of(a=TEXT), LIST: "map", KEYS: ["a"]}), ("properties", "f", "items", "properties", "a")),
    (of(f={"type": "array", "items": {**of(a={**TEXT, "nullable": True}), "required": ["a"]}, LIST: "map", KEYS: ["a"]}),
     ("properties", "f", "items", "properties", "a")),
    (of(f={**TEXT, MAP: "atomic"}), ("properties", "f", MAP)), (of(f={"type": "object", MAP: "x"}), ("properties", "f", MAP)),
    (of(f={**TEXT, RULES: [{"rule": " "}]}), ("properties", "f", RULES, 0)), (of(f={**TEXT, RULES: [{"rule": "true", "message": "a\nb"}]}), None),
    (of(f={**TEXT, RULES: [{"rule": "true\n&& true"}]}), None), (of(f={**TEXT, RULES: [{"rule": "true", "reason": "x"}]}), None),
    (field(type="integer", default="a"), ("properties", "f", "default")), (field(type="integer", default=-1, minimum=0), ("properties", "f", "default")),
    (of(f={**of(a=TEXT), "default": {"b": 1}}), ("properties", "f", "default", "b")),
    (of(f={"type": "array", "items": TEXT, LIST: "set", "default": ["a", "a"]}), ("properties", "f", "default", 1)),
])
def test_what_the_server_refuses(schema, place):
    found = structural.problems(schema)
    assert found and all(isinstance(message, str) and message for _place, message in found)
    assert place is None or place in [path for path, _message in found], found


@pytest.mark.parametrize("schema", [
    of(f=TEXT), of(f={EITHER: True}), of(f={EITHER: True, "anyOf": INT_OR_STRING}), of(f={EITHER: True, "allOf": [{"anyOf": INT_OR_STRING}, {"maxLength": 3}]}),
    of(f={PRESERVE: True}), of(f={"type": "object", EMBEDDED: True, PRESERVE: True}), of(f={**of(spec=TEXT), EMBEDDED: True}),
    of(f={"type": "object", "additionalProperties": TEXT}), of(f={"type": "object", "properties": {"a": TEXT}, "additionalProperties": True}),
    of(metadata=of(name={**TEXT, "maxLength": 20})), of(metadata={"type": "object"}, kind=TEXT, apiVersion=TEXT),
    {**of(f={"type": "array", "items": TEXT}), "anyOf": [{"required": ["f"]}, {"properties": {"f": {"items": {"minLength": 1}}}}], "not": {"required": ["x"]}},
    # The server asks for completeness only at the root.
    of(f={**of(a=TEXT), "anyOf": [{"properties": {"b": {}}}]}),
    of(f={"type": "array", "items": ITEMS, LIST: "map", KEYS: ["a"]}), of(f={"type": "array", "items": TEXT, LIST: "set"}),
    of(f={"type": "array", "items": {"type": "object", MAP: "atomic"}, LIST: "set"}),
    of(f={"type": "integer", "format": "int32", "default": 2**40}), of(f={**TEXT, "nullable": True, "default": None}),
    of(f={"type": "string", "pattern": None, "properties": None, "enum": None}), of(f={**TEXT, "pattern": r"^[\w.-]+\z|\pL"}),
    of(f={**TEXT, RULES: [{"rule": "self != ''", "message": "x", "reason": "FieldValueInvalid"}]}), of(f={**TEXT, "x-vendor": 1, "examples": ["a"]}),
])
def test_what_it_takes(schema):
    assert structural.problems(schema) == []


@pytest.mark.parametrize(("keyword", "value"), [("anyOf", []), ("enum", [{}]), ("maxProperties", 0), ("not", {}), ("x-kubernetes-map-type", "atomic")])
def test_the_status_subresource_allows_less_at_the_root(keyword, value):
    schema = {**of(f=TEXT), keyword: value}
    assert structural.problems(schema) == [] and [path for path, _message in structural.problems(schema, status=True)] == [(keyword,)]
    assert structural.problems({**of(f=TEXT), "required": ["f"], PRESERVE: True, "description": "x"}, status=True) == []


@pytest.mark.parametrize(("schema", "spec", "stored", "dropped"), [
    (of(a=TEXT), {"a": "x", "b": 1}, {"a": "x"}, [("spec", "b")]),
    (of(a=of(b=TEXT)), {"a": {"b": "x", "c": 1}}, {"a": {"b": "x"}}, [("spec", "a", "c")]),
    (of(a={"type": "array", "items": of(b=TEXT)}), {"a": [{"c": 1}, "x"]}, {"a": [{}, "x"]}, [("spec", "a", 0, "c")]),
    ({"type": "object", "additionalProperties": of(b=TEXT)}, {"x": {"b": "1", "c": 1}}, {"x": {"b": "1"}}, [("spec", "x", "c")]),
    ({"type": "object", "additionalProperties": True}, {"x": {"b": 1}}, {"x": {}}, [("spec", "x", "b")]),
    ({**of(a=of(b=TEXT)), PRESERVE: True}, {"z": {"y": 1}, "a": {"c": 1}}, {"z": {"y": 1}, "a": {}}, [("spec", "a", "c")]),
    (of(a={"type": "array", PRESERVE: True, "items": of(b=TEXT)}), {"a": [{"c": 1, "b": "x"}]}, {"a": [{"c": 1, "b": "x"}]}, []),
    (of(a={**of(spec=of(b=TEXT)), EMBEDDED: True}), {"a": {"kind": "X", "apiVersion": "v1", "metadata": {"name": "x", "z": 1}, "spec": {"c": 1}, "z": 1}},
     {"a": {"kind": "X", "apiVersion": "v1", "metadata": {"name": "x"}, "spec": {}}},
     [("spec", "a", "metadata", "z"), ("spec", "a", "spec", "c"), ("spec", "a", "z")]),
    ({"type": "object"}, {"a": 1}, {}, [("spec", "a")]),
])
def test_pruning(schema, spec, stored, dropped):
    document, schema = resource(schema, **spec)
    before = copy.deepcopy(document)
    pruned, paths = structural.prune(document, schema)
    assert (pruned["spec"], paths) == (stored, dropped) and document == before


def test_pruning_of_metadata():
    pruned, paths = structural.prune({"metadata": {"name": "a", "nam": "b", "labels": {"x": "y"}}, "x": 1}, {"type": "object"})
    assert pruned == {"metadata": {"name": "a", "labels": {"x": "y"}}} and paths == [("metadata", "nam"), ("x",)]


@pytest.mark.parametrize(("schema", "spec", "stored"), [
    (of(a={**TEXT, "default": "x"}), {}, {"a": "x"}), (of(a={**TEXT, "default": "x"}), {"a": None}, {"a": "x"}), (of(a=TEXT), {"a": None}, {}),
    (of(a={**TEXT, "nullable": True}), {"a": None}, {"a": None}), (of(a={**TEXT, "nullable": True, "default": "x"}), {"a": None}, {"a": None}),
    (of(a={**of(b={"type": "integer", "default": 1}), "default": {}}), {}, {"a": {"b": 1}}), (of(a=of(b={"type": "integer", "default": 1})), {}, {}),
    (of(a={"type": "array", "items": {**TEXT, "default": "x"}}), {"a": [None, "y"]}, {"a": ["x", "y"]}),
    (of(a={"type": "array", "items": TEXT}), {"a": [None]}, {"a": [None]}),
    ({"type": "object", "additionalProperties": {**TEXT, "default": "x"}}, {"a": None}, {"a": "x"}),
    ({"type": "object", "additionalProperties": TEXT}, {"a": None}, {}),
])
def test_nulls_and_defaults(schema, spec, stored):
    document, schema = resource(schema, **spec)
    assert structural.default(document, schema)["spec"] == stored and document["spec"] == spec


@pytest.mark.parametrize(("schema", "spec", "path", "words"), [
    (of(a=TEXT), {"a": 1}, ("a",), "must be text"), (of(a={"type": "integer"}), {"a": 1.5}, ("a",), "whole number"),
    (of(a={"type": "integer"}), {"a": 2**63}, ("a",), "whole number"), (of(a={"type": "integer"}), {"a": True}, ("a",), "whole number"),
    (of(a={"type": "boolean"}), {"a": "true"}, ("a",), "true or false"), (of(a={"type": "object"}), {"a": []}, ("a",), "a map"),
    (of(a={"type": "array", "items": TEXT}), {"a": {}}, ("a",), "a list"), (of(a={"type": "array", "items": TEXT}), {"a": ["x", 1]}, ("a", 1), "text"),
    ({**of(a=TEXT), "required": ["a"]}, {}, ("a",), "is missing"), (of(a={EITHER: True}), {"a": True}, ("a",), "whole number or text"),
    (of(a={**TEXT, "enum": ["x", "y"]}), {"a": "z"}, ("a",), '"x", "y"'), (of(a={**TEXT, "enum": ["x"], "nullable": True}), {"a": None}, ("a",), "one of"),
    (of(a={"type": "integer", "enum": [1]}), {"a": True}, ("a",), "one of 1"), (of(a={**TEXT, "pattern": "^a$"}), {"a": "b"}, ("a",), "must match ^a$"),
    (of(a={**TEXT, "maxLength": 1}), {"a": "ab"}, ("a",), "at most 1 characters"), (of(a={**TEXT, "minLength": 1}), {"a": ""}, ("a",), "at least 1"),
    (of(a={"type": "array", "items": TEXT, "maxItems": 1}), {"a": ["x", "y"]}, ("a",), "at most 1 items"),
    (of(a={"type": "array", "items": TEXT, "minItems": 1}), {"a": []}, ("a",), "at least 1 items"),
    ({"type": "object", "additionalProperties": TEXT, "maxProperties": 1}, {"a": "x", "b": "y"}, (), "at most 1 fields"),
    ({"type": "object", "additionalProperties": TEXT, "minProperties": 1}, {}, (), "at least 1 fields"),
    ({"type": "object", "additionalProperties": TEXT}, {"a": 1}, ("a",), "text"),
    ({"type": "object", "additionalProperties": False}, {"a": 1}, ("a",), "not allowed"),
    (of(a={"type": "integer", "minimum": 1}), {"a": 0}, ("a",), "at least 1"), (of(a={"type": "integer", "maximum": 1}), {"a": 2}, ("a",), "at most 1"),
    (of(a={"type": "integer", "minimum": 1, "exclusiveMinimum": True}), {"a": 1}, ("a",), "more than 1"),
    (of(a={"type": "number", "maximum": 1.5, "exclusiveMaximum": True}), {"a": 1.5}, ("a",), "less than 1.5"),
    (of(a={"type": "integer", "multipleOf": 2}), {"a": 3}, ("a",), "multiple of 2"),
    (of(a={"type": "number", "multipleOf": 0.1}), {"a": 0.25}, ("a",), "multiple"),
    (of(a={**TEXT, "format": "date-time"}), {"a": "today"}, ("a",), "date-time"), (of(a={**TEXT, "format": "byte"}), {"a": "*"}, ("a",), "byte"),
    (of(a={**TEXT, "anyOf": [{"minLength": 3}, {"pattern": "^x"}]}), {"a": "y"}, ("a",), "one of 2 forms"),
    (of(a={**TEXT, "oneOf": [{"minLength": 1}, {"minLength": 2}]}), {"a": "yy"}, ("a",), "more than one"),
    (of(a={**TEXT, "not": {"pattern": "^x"}}), {"a": "x"}, ("a",), "not allowed"),
    (of(a={**TEXT, "allOf": [{"minLength": 3}]}), {"a": "x"}, ("a",), "at least 3"),
    (of(a={"type": "array", "items": TEXT, LIST: "set"}), {"a": ["x", "y", "x"]}, ("a", 2), "repeats another item"),
    (of(a={"type": "array", "items": ITEMS, LIST: "map", KEYS: ["a"]}), {"a": [{"a": "x"}, {"a": "x"}]}, ("a", 1), "repeats the a"),
    (of(a={"type": "object", EMBEDDED: True, PRESERVE: True}), {"a": {"kind": "X"}}, ("a", "apiVersion"), "is missing"),
    (of(a={"type": "object", EMBEDDED: True, PRESERVE: True}), {"a": {"kind": "x_y", "apiVersion": "v1"}}, ("a", "kind"), "kind"),
])
def test_violations(schema, spec, path, words):
    document, schema = resource(schema, **spec)
    found = structural.judge(document, schema).violations
    assert [(place, True) for place, message in found if words in message] == [(("spec", *path), True)], found
    assert "hunter2" not in str(structural.violations({"spec": {"a": "hunter2"}}, of(spec=of(a={"type": "integer", "enum": [1]}))))


def test_metadata_that_cannot_be_read():
    document = {"apiVersion": "a/v1", "kind": "A", "metadata": {"labels": {"a": True}, "annotations": "x"}}
    assert [path for path, _message in structural.judge(document, {"type": "object"}).violations] == [("metadata", "labels", "a"), ("metadata", "annotations")]


@pytest.mark.parametrize(("schema", "spec"), [
    (of(a={EITHER: True}), {"a": 1}), (of(a={EITHER: True}), {"a": "1"}), (of(a={"type": "integer"}), {"a": 3.0}), (of(a={"type": "number"}), {"a": 3}),
    (of(a={"type": "integer", "format": "int32"}), {"a": 2**40}), (of(a={**TEXT, "format": "double"}), {"a": "x"}),
    (of(a={"type": "number", "enum": [1]}), {"a": 1.0}),
    (of(a={"type": "number", "multipleOf": 0.1}), {"a": 0.3}), (of(a={**TEXT, "nullable": True, "anyOf": [{"minLength": 5}]}), {"a": None}),
    (of(a={**TEXT, "anyOf": []}), {"a": "x"}), (of(a={**TEXT, "format": "duration"}), {"a": "1h30m"}), (of(a={**TEXT, "pattern": r"\p{Greek}"}), {"a": "x"}),
])
def test_no_violations(schema, spec):
    document, schema = resource(schema, **spec)
    assert structural.judge(document, schema) == structural.Verdict(document)


def _nested(depth: int) -> dict:
    schema: dict = {"type": "string"}
    for _level in range(depth):
        schema = of(a=schema)
    return schema


def test_bounds():
    assert structural.problems(_nested(99)) == []
    assert "too deep" in structural.problems(_nested(150))[0][1]
    document: dict = {}
    for _level in range(300):
        document = {"a": document}
    for ask in (structural.prune, structural.default, structural.judge):
        with pytest.raises(PackageError, match="nests deeper"):
            ask(document, {"type": "object", PRESERVE: True})
    grows = of(l={"type": "array", "items": {"type": "array", "items": TEXT, "default": ["x"] * 1000}})
    with pytest.raises(PackageError, match="defaults"):
        structural.judge({"l": [None] * 1000}, grows)
    forms = of(l={"type": "array", "items": {"type": "string", "anyOf": [{"minLength": number} for number in range(2, 500)]}})
    start = time.process_time()
    with pytest.raises(PackageError, match="too large"):
        structural.judge({"l": ["a"] * 5000}, forms)
    slow = of(a={**TEXT, "pattern": "^(a|a)*$"})
    assert structural.violations({"a": "a" * 5000 + "!"}, slow, structural.Steps(10**7)) == [(("a",), "must match ^(a|a)*$")]
    # Each is a second's work at most; a machine may be busy.
    assert time.process_time() - start < 5
    with pytest.raises(PackageError, match="cannot be used"):
        structural.violations({"a": 1}, {"properties": {"a": {"minimum": "x"}}})


JSON = st.recursive(st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "a", "object", "string", "array"]), lambda inner:
                    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
                        "type", "properties", "items", "additionalProperties", "default", "anyOf", "not", "enum", "nullable", "required", "pattern", "metadata",
                        "a", PRESERVE, EMBEDDED, EITHER, LIST, KEYS, MAP, RULES]), inner, max_size=4), max_leaves=20)


@given(JSON, JSON)
def test_whatever_it_is_there_is_an_answer(schema, document):
    found = structural.problems(schema)
    assert isinstance(found, list)
    if isinstance(schema, dict):
        try:
            verdict = structural.judge(document, schema)
        except PackageError:
            return
        # What is stored once is stored as it is.
        if not found and not verdict.violations:
            again = structural.judge(verdict.document, schema)
            assert again.document == verdict.document and not again.dropped


@pytest.mark.skipif(not REAL.is_dir(), reason="real packages are not here")
def test_real_packages():
    """Every schema of v1 was taken by real servers; what is known about the examples beside them."""
    schemas = examples = 0
    for folder in (*REAL.glob("bundles/*/manifests"), REAL / "charts" / "nack" / "crds"):
        known, given_ = {}, []
        for path in sorted(folder.glob("*.y*ml")):
            for document in yaml_reader.load_all(path.read_bytes(), path.name):
                if document["kind"] == "CustomResourceDefinition" and document["apiVersion"] == "apiextensions.k8s.io/v1":
                    for version in document["spec"]["versions"]:
                        schema = version["schema"]["openAPIV3Schema"]
                        assert structural.problems(schema, "status" in version.get("subresources", {})) == [], path
                        known[f"{document['spec']['group']}/{version['name']}", document["spec"]["names"]["kind"]] = schema
                        schemas += 1
                elif document["kind"] == "ClusterServiceVersion":
                    given_ = json.loads(document["metadata"]["annotations"].get("alm-examples", "[]"))
        for example in given_:
            schema = known.get((example["apiVersion"], example["kind"]))
            if schema:
                examples += 1
                verdict = structural.judge(example, schema)
                assert not verdict.violations and not verdict.dropped, (folder, example["kind"], verdict)
    assert schemas > 30 and examples > 20
