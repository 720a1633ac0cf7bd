# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused and warned about before anything is written, and what a change does to the pods."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.config import _checks, _fields, effects
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context, Secrets
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.package import settings, yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

PARAMETERS = [{"name": "clients", "type": "integer", "maximum": 9}, {"name": "level", "type": "string", "apply": "reload"}]
CONFIG = {"apiVersion": "operators.apusic.com/v1alpha1", "kind": "ConfigSchema", "spec": {"configs": [
    {"configMap": "{{.Instance}}-conf", "key": "a.conf", "format": "properties", "parameters": PARAMETERS},
]}}
TREE = FileTree({"config.yaml": yaml_reader.dump(CONFIG).encode()})
SCHEMA = settings.load(TREE)


def test_numbers_are_text_and_other_things_are_refused():
    assert _checks.given({"settings": {"a": 1, "b": None, "c": "x"}, "reset": ["d"]}) == ({"a": "1", "b": None, "c": "x"}, ["d"])
    for value in (True, 1.5, ["x"], {"x": 1}):
        with pytest.raises(InputError, match="settings, a"):
            _checks.given({"settings": {"a": value}})
    for key in ("", "a/b", "..", "x" * 254, "ü"):
        with pytest.raises(InputError, match="cannot be a key"):
            _checks.given({"settings": {key: "x"}})
    with pytest.raises(InputError, match="set and reset"):
        _checks.given({"settings": {"a": "x"}, "reset": ["a"]})
    with pytest.raises(InputError, match="Unicode"):
        _checks.given({"settings": {"a": "\ud800"}})


def test_which_config_map():
    assert _checks.config_map(None, ["one"], "x") == "one"
    assert _checks.config_map("two", ["one", "two"], "x") == "two"
    for wished, known, said in ((None, ["one", "two"], "name one: one, two"), ("on", ["one", "two"], 'did you mean "one"'), ("other", [], "has no ConfigMap")):
        with pytest.raises((InputError, InstanceError), match=said):
            _checks.config_map(wished, known, "shop/x")


def test_what_never_changes_is_refused():
    _checks.refuse({"data": {"a": "1"}}, "m", {"a": "2"})
    with pytest.raises(InstanceError, match="immutable"):
        _checks.refuse({"immutable": True}, "m", {"a": "2"})
    with pytest.raises(InputError, match="bytes"):
        _checks.refuse({"binaryData": {"a": "YQ=="}}, "m", {"a": "2"})


def test_too_much_is_refused():
    _checks.size({"m": {"a": "x" * 500_000}}, "shop/x")
    with pytest.raises(InputError, match="600 KiB"):
        _checks.size({"m": {"a": "x" * 307_200}, "n": {"b": "ü" * 153_500, "c": None}}, "shop/x")


def test_the_package_says_what_may_stand_there():
    _checks.by_schema(SCHEMA, "one-conf", {"a.conf": "clients=9\n", "other": "?", "b": None}, "one", "shop")
    _checks.by_schema(None, "one-conf", {"a.conf": "clients=99\n"}, "one", "shop")
    with pytest.raises(InputError) as caught:
        _checks.by_schema(SCHEMA, "one-conf", {"a.conf": "clients=99\n"}, "one", "shop")
    assert (caught.value.what, caught.value.where) == ("clients is above 9", "one-conf/a.conf, clients")
    assert "config.yaml" in caught.value.todo


OWN = "s3cret-of-the-instance"


def test_secrets_of_the_instance_never_get_in():
    for text in (f"a={OWN}\n", f"a={Secrets.MASK}\n"):
        with pytest.raises(InputError) as caught:
            _checks.secrets("m", {"k": text}, {}, [OWN])
        assert OWN not in caught.value.message
    # What the package wrote there itself stays possible.
    assert _checks.secrets("m", {"k": f"a={OWN}\nb=1\n"}, {"k": f"a={OWN}\n"}, [OWN]) == ([], [])
    assert _checks.secrets("m", {"k": "postgres"}, {}, ["postgres"[:7]]) == ([], [])


@pytest.mark.parametrize("text", ["requirepass hunter2222\n", "db.password = hunter2222\n", '  "apiKey": "hunter2222",\n', "token: hunter2222\n"])
def test_what_looks_like_a_secret_is_told_and_masked(text):
    warnings, values = _checks.secrets("m", {"k": f"a=1\n{text}"}, {}, [])
    assert len(warnings) == 1 and values and all(value.startswith("hunter2222") for value in values)
    assert "hunter" not in warnings[0]
    assert _checks.secrets("m", {"k": f"a=1\n{text}"}, {"k": text}, []) == ([], [])


@pytest.mark.parametrize("text", [
    "password_encryption = scram-sha-256\n", "tokens=100000\n", "password=\n", "# the password stands in the Secret\n", "secret: x\n"])
def test_what_only_speaks_of_one_is_not(text):
    assert _checks.secrets("m", {"k": text}, {}, []) == ([], [])
    assert _checks.secrets("m", {"k": "-----BEGIN RSA PRIVATE KEY-----\n"}, {}, [])[0]


def test_keys_that_are_nearly_there():
    assert _checks.unknown("m", ["redis.cnf", "redis.conf", "other"], ["redis.conf"], "") == ['m has no key "redis.cnf" so far: did you mean "redis.conf"?']


def workload(*keys):
    return {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {
        "volumes": [{"configMap": {"name": "one-conf", "items": [{"key": key} for key in keys]}}]}}}}


def config_map(text):
    return {"kind": "ConfigMap", "metadata": {"name": "one-conf"}, "data": {"a.conf": text}}


def digest(text, before="clients=1\nlevel=a\n", keys=("a.conf",)):
    found = effects.applied([config_map(before), workload(*keys)], {"one-conf": {"a.conf": text}}, TREE, "one", "shop", Context())
    assert found[0]["data"].get("a.conf") == text
    return found[1]["spec"]["template"].get("metadata")


def test_pods_restart_exactly_when_they_have_to():
    assert digest("clients=1\nlevel=b\n") is None
    assert digest("clients=2\nlevel=a\n") is not None
    assert digest("clients=2\nlevel=a\n") == digest("clients=2\nlevel=b\n") != digest("clients=3\nlevel=b\n")
    assert digest("clients=2\n", keys=("z",)) is None
    assert digest(None) is not None


def test_a_text_for_a_config_map_that_is_gone_is_told():
    ctx = Context()
    objects = [workload("a.conf")]
    assert effects.applied(objects, {"one-conf": {"a.conf": "x"}}, TREE, "one", "shop", ctx) == objects
    assert len(ctx.warnings) == 1 and "one-conf/a.conf" in ctx.warnings[0]
    assert effects.applied(objects, {}, TREE, "one", "shop", ctx) is objects


def test_a_field_is_proposed_by_its_name_and_its_value():
    fields = {"maxmemorypolicy": ("values.config.maxmemoryPolicy", "noeviction"), "appendonly": ("values.config.appendonly", True)}
    text = "maxmemory-policy noeviction\nappendonly no\nhz 10\n"
    assert _fields.proposed(text, fields, own=True) == {"maxmemory-policy": "values.config.maxmemoryPolicy"}
    assert set(_fields.proposed(text, fields, own=False)) == {"maxmemory-policy", "appendonly"}


def test_a_name_that_two_fields_have_proposes_none(monkeypatch):
    descriptors = [SimpleNamespace(path=path) for path in ("values.a.level", "values.b.same", "values.c.same", "values.config.maxClients", "values..bad")]
    package = SimpleNamespace(spec_descriptors=descriptors, raw=FileTree({"values.yaml": b"config: {maxClients: 7}"}))
    monkeypatch.setattr(_fields.deployable, "load", lambda _tree: package)
    seen = SimpleNamespace(tree=TREE, record={"spec": {"document": "spec: {values: {}}"}})
    assert _fields.form(seen) == {"maxclients": ("values.config.maxClients", 7)}
