# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of forms: from descriptors, schemas and values.yaml."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import form
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model.model import Descriptor, InstanceType, Owned, Package
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAMPLES = pathlib.Path(__file__).parent / "samples" / "files"
UI = "urn:alm:descriptor:com.tectonic.ui:"
K8S = "urn:alm:descriptor:io.kubernetes:"


def chart(values="", schema=None, document=None, fields=()):
    """A Helm package; fields: (path, descriptors ...)."""
    files = {"raw/x/values.yaml": values.encode()}
    if schema is not None:
        files["raw/x/values.schema.json"] = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    body = {"apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "spec": {"values": document or {}}}
    descriptors = tuple(Descriptor(path, "", "", widgets, "HelmRelease") for path, *widgets in fields)
    return Package(
        "x", "1.0.0", "helm", "helm", types=(InstanceType("default", "", body),), spec_descriptors=descriptors, raw_root="raw/x", tree=FileTree(files))


def operator(schema=None, spec=None, fields=(), crd=None, **more):
    crd = crd or {"kind": "CustomResourceDefinition", "spec": {"group": "db.example.com", "names": {"kind": "Etcd"}, "versions": [
        {"name": "v1", "schema": {"openAPIV3Schema": {"properties": {"spec": schema or {}, "status": {"properties": {"phase": {"type": "string"}}}}}}}]}}
    body = {"apiVersion": "db.example.com/v1", "kind": "Etcd", "spec": spec or {}}
    descriptors = tuple(Descriptor(path, "", "", widgets, "Etcd") for path, *widgets in fields)
    return Package(
        "etcd", "1.0.0", "operator", "kubernetes", owned=(Owned("Etcd", "db.example.com/v1", "etcds.db.example.com"),), crds=(crd,),
        types=(InstanceType("default", "", body),), spec_descriptors=descriptors, **more)


def by_path(package, type_name=None):
    return {field.path: field for field in form.fields(package, type_name)}


def one(*widgets, schema=None, values="", **more):
    """The one field values.a with these descriptors."""
    root = {"properties": {"a": schema}} if schema is not None else None
    return by_path(chart(values, root, fields=[("values.a", *widgets)], **more))["values.a"]


def test_the_manuals_sample():
    failover, replicas, dashboard = form.fields(model.load(archive.read_folder(str(SAMPLES))))
    assert (failover.path, failover.label, failover.widget, failover.type) == ("values.cluster.clusterReplicaNoFailover", "自动故障恢复", "select", "string")
    assert failover.choices == ("yes", "no") and failover.default == "yes" and failover.help.startswith("yes:")
    assert (replicas.widget, replicas.type, replicas.default) == ("number", "number", 3)
    assert (dashboard.widget, dashboard.type, dashboard.default) == ("boolean", "boolean", True)


def test_the_example_package():
    package = model.load(archive.read_folder(str(ROOT / "examples" / "packages" / "redis")))
    found = by_path(package, "replicated")
    assert found["values.replicas"].default == 2 and by_path(package)["values.replicas"].default == 0
    assert (found["values.replicas"].widget, found["values.replicas"].minimum, found["values.replicas"].maximum) == ("podCount", 0, 8)
    size = found["values.persistence.size"]
    assert size.depends_on == (form.Dependency("values.persistence.enabled", ("true",)),) and size.group == "storage" and size.pattern.startswith("^[1-9]")
    secret = found["values.auth.existingSecret"]
    assert (secret.widget, secret.kind, secret.api_version, secret.generated, secret.secret) == ("selector", "Secret", "v1", True, False)
    assert found["values.config.appendfsync"].choices == ("everysec", "always", "no") and found["values.config.databases"].advanced
    assert found["values.image.tag"].default == "7.0.15" and not any(field.required for field in found.values())


@pytest.mark.parametrize(("widget", "schema", "expected"), [
    ("text", {"type": "integer", "minimum": 1}, ("number", "integer")),
    ("text", {"type": "object"}, ("map", "object")),
    ("text", {"type": "array"}, ("list", "array")),
    ("text", {"type": ["string", "null"]}, ("text", "string")),
    ("text", {"anyOf": [{"type": "string"}, {"type": "null"}]}, ("text", "string")),
    ("text", {"type": ["string", "integer"]}, ("text", "any")),
    ("text", {"x-kubernetes-int-or-string": True}, ("text", "any")),
    ("text", {"enum": ["a", "b"]}, ("text", "string")),
    ("number", {"type": "string"}, ("text", "string")),
    ("number", {"type": "integer"}, ("number", "integer")),
    ("booleanSwitch", {"type": "object"}, ("map", "object")),
    ("select:x", {"type": "string"}, ("select", "string")),
    ("select:x", {"type": "array"}, ("list", "array")),
    ("selector:core:v1:Secret", {"type": "string"}, ("selector", "string")),
    ("selector:core:v1:Secret", {"type": "object"}, ("labelSelector", "object")),
    ("password", {"type": "integer"}, ("number", "integer")),
    ("podCount", {"type": "number"}, ("podCount", "number")),
    ("advanced", {"type": "string", "format": "password"}, ("password", "string")),
    ("advanced", {"type": "string", "enum": ["a"]}, ("select", "string")),
    ("advanced", {"type": "x"}, ("text", "any")),
    ("advanced", {"$ref": "#/properties/a"}, ("text", "any")),
    ("advanced", {"allOf": [{"type": "boolean"}]}, ("boolean", "boolean")),
])
def test_the_schemas_type_beats_the_widget(widget, schema, expected):
    found = one(UI + widget, schema=schema)
    assert (found.widget, found.type) == expected


@pytest.mark.parametrize(("widgets", "values", "expected"), [
    ([UI + "text"], "a: 5", ("number", "integer")),
    ([UI + "number"], "a: x", ("text", "string")),
    ([UI + "number"], "a: 1", ("number", "number")),
    ([UI + "select:yes", UI + "select:no"], "a: yes", ("select", "string")),
    ([], "a: [1]", ("list", "array")),
    ([], "a: {}", ("map", "object")),
    ([], "a: 1.5", ("number", "number")),
    ([], "a: null", ("text", "any")),
    ([], "a: no", ("boolean", "boolean")),
])
def test_without_a_schema_widget_and_default_tell_the_type(widgets, values, expected):
    found = one(*widgets, values=values)
    assert (found.widget, found.type) == expected


def test_choices():
    offered = (UI + "select:1", UI + "select:2", UI + "select:x")
    assert one(*offered, schema={"type": "integer"}).choices == (1, 2)
    assert one(*offered, schema={"type": "string", "enum": ["2", "3", "1"]}).choices == ("1", "2")
    assert one(UI + "select:z", schema={"enum": ["a", "b", ["c"], None]}).choices == ("a", "b")
    assert one(UI + "select:on", UI + "select:off", UI + "select:x", schema={"type": "boolean"}).choices == (True, False)
    assert one(UI + "select:v1.29.0", UI + "select:").choices == ("v1.29.0", "")
    assert one(UI + "imagePullPolicy").choices == ("Always", "IfNotPresent", "Never")
    assert one(UI + "imagePullPolicy", schema={"enum": ["Always"]}).choices == ("Always",)
    assert one(schema={"enum": [1, 1.0, True]}).choices == (1, 1.0, True)


@pytest.mark.parametrize(("schema", "expected"), [
    ({"type": "integer", "minimum": 1, "maximum": 9}, {"minimum": 1, "maximum": 9}),
    ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10}, {"minimum": 1, "maximum": 9}),
    ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"minimum": 1}),
    ({"type": "integer", "minimum": 3, "exclusiveMinimum": 1}, {"minimum": 3}),
    ({"type": "number", "exclusiveMaximum": 1.5}, {"maximum": 1.5}),
    ({"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a"}, {"min_length": 1, "max_length": 9, "pattern": "^a"}),
    ({"type": "string", "pattern": "(a+)+$"}, {}),
    ({"type": "string", "pattern": "("}, {}),
    ({"type": "array", "minItems": 1, "maxItems": 2}, {"min_items": 1, "max_items": 2}),
    ({"type": "integer", "minimum": "1", "maximum": True, "minLength": -1}, {}),
])
def test_limits(schema, expected):
    found = one(schema=schema).as_dict()
    names = ("minimum", "maximum", "min_length", "max_length", "min_items", "max_items", "pattern")
    assert {name: found[name] for name in names if found[name] not in (None, "")} == expected


def test_a_count_of_pods_is_not_negative():
    assert one(UI + "podCount").minimum == 0 and one(UI + "podCount", schema={"type": "integer", "minimum": 3}).minimum == 3


def test_defaults_come_from_the_document_then_values_then_schema():
    schema = {"type": "string", "default": "schema"}
    assert one(schema=schema).default == "schema"
    assert one(schema=schema, values="a: chart").default == "chart"
    assert one(schema=schema, values="a: chart", document={"a": "type"}).default == "type"
    assert one(schema=schema, values="a: chart", document={"a": None}).default is None


def test_required_means_that_nothing_gives_a_default():
    def required(schema, **more):
        return by_path(chart(schema=schema, fields=[("values.a.b",), ("values.c", UI + "text")], **more))

    schema = {"required": ["a"], "properties": {"a": {"required": ["b"], "properties": {"b": {"type": "string", "minLength": 1}}}, "c": {}}}
    assert required(schema)["values.a.b"].required and not required(schema)["values.c"].required
    assert not required(schema, values="a: {b: x}")["values.a.b"].required
    assert required(schema, values="a: {b: ''}")["values.a.b"].required, "a default that the schema refuses is none"
    loose = {**schema, "required": []}
    assert not required(loose)["values.a.b"].required, "without a, b is not missing"
    assert required(loose, values="a: {}")["values.a.b"].required
    generated = chart(schema=schema, fields=[("values.a.b", K8S + "Secret", "urn:alm:descriptor:com.apusic.secret:generate:auth:password")])
    assert not by_path(generated)["values.a.b"].required


def test_a_password_has_no_default_to_show():
    found = one(UI + "password", values="a: hunter2")
    assert found.secret and found.default is None and "hunter2" not in repr(found)
    assert by_path(chart("dbPassword: hunter2"))["values.dbPassword"].as_dict()["default"] is None


def test_dependencies_find_their_field():
    def depends(fields, **more):
        return by_path(chart(fields=fields, **more))["values.x.y"].depends_on

    switch = ("values.x.on", UI + "booleanSwitch")
    wanted = (form.Dependency("values.x.on", ("true",)),)
    for name in ("values.x.on", "spec.values.x.on", "x.on", "on"):
        assert depends([switch, ("values.x.y", UI + f"fieldDependency:{name}:true")]) == wanted, name
    assert depends([("values.x.y", UI + "fieldDependency:on:true")], values="x: {on: false}") == wanted
    alternatives = [switch, ("values.x.y", UI + "fieldDependency:on:a", UI + "fieldDependency:values.x.on:b", UI + "fieldDependency:z:1")]
    assert depends(alternatives) == (form.Dependency("values.x.on", ("a", "b")), form.Dependency("z", ("1",)))
    assert depends([("values.x.y", UI + "fieldDependency:a..b:1")]) == ()


def test_a_descriptor_around_others_is_their_section():
    sql = {"type": "object", "properties": {"url": {"type": "string"}, "r": {"type": "object"}}}
    found = by_path(operator({"type": "object", "properties": {"sql": sql}}, fields=[
        ("sql", UI + "fieldDependency:storage:sql", UI + "hidden"), ("sql.url", UI + "text"), ("sql.r", UI + "resourceRequirements"), ("sql.r.limits.cpu",),
        ("storage", UI + "select:sql"),
    ]))
    assert list(found) == ["sql.url", "sql.r", "sql.r.limits.cpu", "storage"]
    assert found["sql.url"].group == "Sql" and found["sql.url"].hidden and found["sql.url"].depends_on == (form.Dependency("storage", ("sql",)),)


def test_paths():
    schema = {"properties": {"list": {"type": "array", "items": {"properties": {"b": {"type": "integer"}}}}, "a.b": {"type": "string"}}}
    found = by_path(operator(schema, {"list": [{"b": 7}]}, fields=[("list[0].b",), ("list.b",), (r"a\.b",), ("list[0].b", UI + "text"), ("gone", UI + "text")]))
    assert list(found) == ["list[0].b", r"a\.b", "gone"], "a list without an index is left out, a second time, too"
    assert (found["list[0].b"].type, found["list[0].b"].default) == ("integer", 7) and found[r"a\.b"].type == "string"


def test_descriptors_of_another_kind_are_not_shown():
    package = operator(fields=[("size", UI + "podCount")])
    other = Descriptor("x", "", "", (), "Other")
    mixed = dataclasses.replace(package, spec_descriptors=(*package.spec_descriptors, other))
    assert list(by_path(mixed)) == ["size"]


@pytest.mark.parametrize("crd", [
    {"group": "db.example.com", "names": {"kind": "Etcd"}, "version": "v1", "validation": {"openAPIV3Schema": {"properties": {
        "spec": {"properties": {"size": {"type": "integer"}}}}}}},
    {"group": "db.example.com", "names": {"kind": "Etcd"}, "versions": [{"name": "v2"}, {"name": "v1", "schema": {"openAPIV3Schema": {"properties": {
        "spec": {"properties": {"size": {"type": "integer"}}}}}}}]},
])
def test_both_forms_of_crds(crd):
    found = by_path(operator(crd={"kind": "CustomResourceDefinition", "spec": crd}))
    assert list(found) == ["size"] and found["size"].type == "integer"


def test_a_crd_in_raw_is_found():
    crd = b"kind: CustomResourceDefinition\nspec: {group: db.example.com, names: {kind: Etcd}, versions: [{name: v1, schema: {openAPIV3Schema: " \
        b"{properties: {spec: {properties: {size: {type: integer}}}}}}}]}\n"
    files = {"raw/a.yaml": crd, "raw/b.yaml": b"{{ CustomResourceDefinition Etcd }}"}
    found = by_path(operator(crd={"kind": "CustomResourceDefinition", "spec": {}}, raw_root="raw", tree=FileTree(files)))
    assert list(found) == ["size"]


def test_without_descriptors_the_schema_makes_the_form():
    found = by_path(operator({"required": ["size"], "properties": {
        "size": {"type": "integer", "title": "Size", "description": "How\n many"}, "replicas": {"type": "integer"}, "open": {"type": "object"},
        "resources": {"type": "object", "properties": {"limits": {"type": "object"}}}, "storage": {"type": "object", "properties": {
            "storageClassName": {"type": "string"}, "deep": {"properties": {"a": {"properties": {"b": {"properties": {"c": {"type": "string"}}}}}}}}},
        "mode": {"enum": ["x", "y"]}, "": {"type": "string"}}}))
    assert list(found) == ["size", "replicas", "open", "resources", "storage.storageClassName", "storage.deep.a.b", "mode", '[""]']
    assert (found["size"].label, found["size"].help, found["size"].required) == ("Size", "How many", True)
    assert (found["replicas"].widget, found["open"].widget, found["resources"].widget) == ("podCount", "map", "resourceRequirements")
    assert (found["storage.storageClassName"].kind, found["storage.storageClassName"].group) == ("StorageClass", "Storage")
    assert found["storage.deep.a.b"].type == "object" and found["mode"].choices == ("x", "y")


def test_without_a_schema_values_yaml_makes_the_form():
    values = """\
# -- How many pods
replicaCount: 1
image:
  ## @param image.tag [default: x] Version of it
  tag: "1"
  # pullSecrets:
  #   - a
  pullPolicy: Always
## unrelated

port: 80
nothing:
"""
    found = by_path(chart(values, document={"image": {"tag": "2"}, "extra": True}))
    assert list(found) == ["values.replicaCount", "values.image.tag", "values.image.pullPolicy", "values.port", "values.nothing", "values.extra"]
    assert (found["values.replicaCount"].label, found["values.replicaCount"].help) == ("Replica count", "How many pods")
    assert (found["values.image.tag"].help, found["values.image.tag"].default, found["values.image.tag"].group) == ("Version of it", "2", "Image")
    assert (found["values.image.pullPolicy"].widget, found["values.image.pullPolicy"].help) == ("imagePullPolicy", "")
    assert (found["values.nothing"].type, found["values.port"].help) == ("any", "")


def test_the_schema_comes_before_values_yaml():
    found = by_path(chart("a: 1\nb: 2\n", {"properties": {"b": {"type": "integer"}}}))
    assert list(found) == ["values.b"] and found["values.b"].default == 2
    assert list(by_path(chart("a: 1\n", b"{broken"))) == ["values.a"]
    assert list(by_path(chart("a: [\n"))) == []


def test_a_large_schema_gives_a_form_a_person_can_read():
    wide = {"properties": {f"p{number}": {"properties": {f"q{inner}": {"type": "string"} for inner in range(20)}} for number in range(50)}}
    found = form.fields(operator(wide))
    assert len(found) == 50 and all(field.widget == "map" for field in found)
    assert len(form.fields(operator({"properties": {f"p{number}": {} for number in range(1000)}}))) == 200


def test_a_schema_made_to_grow_costs_little():
    again = {"anyOf": [{"$ref": "#/definitions/x"}] * 50, "allOf": [{"$ref": "#"}] * 50}
    bomb = {"properties": {"a": {"$ref": "#/definitions/x"}}, "definitions": {"x": again}}
    begin = time.process_time()
    assert form.fields(chart("", bomb))
    assert time.process_time() - begin < 2


def test_types_and_packages_without_them():
    with pytest.raises(InputError, match='no instance type "defalt".*default'):
        form.fields(operator(), "defalt")
    assert form.fields(dataclasses.replace(operator(), types=())) == ()


def test_kustomize_and_plain_manifests_offer_the_values_of_their_type():
    package = dataclasses.replace(chart(document={"images": [], "replicas": 2}), template_type="kustomize")
    assert list(by_path(package)) == ["values.images", "values.replicas"]


def test_fields_leave_as_maps_and_come_back():
    package = model.load(archive.read_folder(str(ROOT / "examples" / "packages" / "redis")))
    for field in form.fields(package):
        assert form.from_dict(json.loads(json.dumps(field.as_dict()))) == field
    assert form.from_dict({"path": "a", "unknown": 1}) == form.FormField("a")


@pytest.mark.parametrize("data", [
    None, [], "a", {}, {"path": 1}, {"path": "a", "type": "text"}, {"path": "a", "choices": "ab"}, {"path": "a", "minimum": "1"}, {"path": "a", "required": 1},
    {"path": "a", "depends_on": [{"path": "b"}]}, {"path": "a", "depends_on": [{"path": "b", "values": [1]}]}, {"path": "a..b"}, {"path": ""},
])
def test_what_is_no_field_is_refused(data):
    with pytest.raises(InputError) as caught:
        form.from_dict(data)
    assert caught.value.what


WORDS = st.sampled_from([
    "type", "properties", "items", "required", "enum", "anyOf", "allOf", "$ref", "default", "minimum", "pattern", "description", "a", "b"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.sampled_from(["object", "array", "#", "#/a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5))


@settings(max_examples=150)
@given(ANY, ANY, ANY)
def test_no_schema_crd_or_values_break_a_form(schema, values, crd):
    text = json.dumps(values)
    for package in (
        chart(text, json.dumps(schema).encode()), chart(text, json.dumps(schema).encode(), fields=[("values.a.b",), ("values.a[0]", UI + "select:x")]),
        operator(schema), operator(schema, fields=[("a", UI + "podCount"), ("a.b[1]",)]), operator(crd={"kind": "CustomResourceDefinition", "spec": crd}),
    ):
        for field in form.fields(package):
            assert form.from_dict(json.loads(json.dumps(field.as_dict()))).path == field.path
