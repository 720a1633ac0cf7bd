# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.yaml against texts: what is wrong, what is set, and what of a text needs a restart."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.package import settings, yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

PARAMETERS = [
    {"name": "maxclients", "type": "integer", "minimum": 1, "maximum": 65000},
    {"name": "policy", "path": "memory.policy", "type": "string", "choices": ["none", "lru"], "apply": "reload"},
    {"name": "verbose", "type": "boolean", "apply": "reload"},
    {"name": "ratio", "type": "number", "maximum": 1},
    {"name": "host", "type": "string", "pattern": "^[a-z.]+$"},
]


def schema(form="properties", parameters=None, config_map="{{.Instance}}-conf", key="a.conf"):
    config = {"configMap": config_map, "key": key, "format": form, "parameters": PARAMETERS if parameters is None else parameters}
    document = {"apiVersion": "operators.apusic.com/v1alpha1", "kind": "ConfigSchema", "spec": {"configs": [config]}}
    return settings.load(FileTree({"config.yaml": yaml_reader.dump(document).encode()}))


def config(*arguments, **more):
    return schema(*arguments, **more).configs[0]


def written(form, **values):
    if form in ("yaml", "json"):
        data = {}
        for path, value in values.items():
            first, _dot, rest = path.partition("__")
            data[first] = {rest: value} if rest else value
        return yaml_reader.dump(data) if form == "yaml" else json.dumps(data)
    lines, sections = [], []
    for path, value in values.items():
        section, _dot, rest = path.rpartition("__")
        text = str(value).lower() if isinstance(value, bool) else value
        if form == "ini" and section:
            sections.append(f"[{section}]\n{rest} = {text}")
        else:
            lines.append(f"{path.replace('__', '.')}{' = ' if form == 'ini' else '='}{text}")
    return "# a comment\n" + "\n".join([*lines, *sections]) + "\n"


FORMS = ["properties", "ini", "yaml", "json"]


@pytest.mark.parametrize("form", FORMS)
def test_what_fits_is_no_fault(form):
    text = written(form, maxclients=10, verbose=True, ratio=0.5, host="a.b", memory__policy="lru", other="?")
    assert settings.check(config(form), text) == []
    assert [settings.value(config(form), one, text) for one in config(form).parameters] == [10, "lru", True, 0.5, "a.b"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("path", "value", "said"), [
    ("maxclients", 0, "is below 1"), ("maxclients", 70000, "is above 65000"), ("maxclients", "many", "is no integer"), ("ratio", 1.5, "is above 1"),
    ("memory__policy", "lfu", "is not one of none, lru"), ("host", "A", "does not match ^[a-z.]+$"), ("verbose", "perhaps", "is no boolean"),
])
def test_what_does_not_fit_is_named(form, path, value, said):
    assert settings.check(config(form), written(form, **{path: value})) == [(path.replace("memory__", ""), said)]


def test_a_setting_that_stands_twice_is_checked_twice():
    assert settings.check(config(), "maxclients=1\nmaxclients=0\n") == [("maxclients", "is below 1")]
    assert settings.value(config(), config().parameters[0], "maxclients=1\nmaxclients 7\n") == 7


@pytest.mark.parametrize(("form", "text"), [("json", "{"), ("yaml", "a: [\n"), ("yaml", "a: 1\na: 2\n")])
def test_a_text_in_another_format_is_a_fault(form, text):
    [(name, said)] = settings.check(config(form), text)
    assert name == "" and said.startswith(f"is not {form}: ")


def test_free_text_is_not_judged():
    assert settings.check(config("text"), "maxclients=0\n") == []


def test_a_key_is_found_by_the_name_of_the_instance():
    assert settings.described(schema(), "one-conf", "a.conf", "one", "shop") is not None
    assert settings.described(schema(), "two-conf", "a.conf", "one", "shop") is None
    assert settings.described(schema(), "one-conf", "b.conf", "one", "shop") is None
    assert settings.described(None, "one-conf", "a.conf", "one", "shop") is None


@pytest.mark.parametrize("form", FORMS)
def test_what_is_reloaded_needs_no_restart(form):
    def lasting(**values):
        return settings.lasting(config(form), written(form, **values))

    assert lasting(maxclients=1, verbose=True) == lasting(maxclients=1, verbose=False)
    assert lasting(maxclients=1, memory__policy="lru") == lasting(maxclients=1, memory__policy="none")
    assert lasting(maxclients=1) != lasting(maxclients=2)
    assert lasting(maxclients=1) != lasting(maxclients=1, unknown=2)


def test_without_a_word_about_reloading_every_change_needs_one():
    plain = config(parameters=PARAMETERS[:1])
    assert settings.lasting(plain, "a=1\n") != settings.lasting(plain, "# a\na=1\n")
    assert settings.lasting(None, "a") != settings.lasting(None, "b")
    assert settings.lasting(None, None) not in (settings.lasting(None, ""), settings.lasting(config("text", PARAMETERS[1:3]), ""))
    assert settings.lasting(config("text", PARAMETERS[1:3]), "a") == settings.lasting(config("text", PARAMETERS[1:3]), "b")
    assert settings.lasting(config("text"), "a") != settings.lasting(config("text"), "b")


@given(st.text(max_size=60), st.sampled_from([*FORMS, "text"]))
def test_any_text_is_judged(text, form):
    one = config(form)
    assert isinstance(settings.check(one, text), list)
    assert settings.lasting(one, text) == settings.lasting(one, text)
    assert all(name for name, _value in settings.words(text))


def test_words_of_any_format():
    text = "#x 1\nmaxmemory-policy noeviction\nworker_connections 1024;\n  \"a\": 'b',\nkey = v w\n[section]\n; y = 1\nalone\n"
    assert dict(settings.words(text)) == {"maxmemory-policy": "noeviction", "worker_connections": "1024", "a": "b", "key": "v w"}
    assert dict(settings.words("#!/bin/sh\na=1\n")) == {}
