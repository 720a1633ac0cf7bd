# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import documents as d
from ansible_collections.acmp.middleware.plugins.module_utils.package import secrets
from hypothesis import given
from hypothesis import strategies as st

UI = "urn:alm:descriptor:com.tectonic.ui:"
SECRET = "urn:alm:descriptor:io.kubernetes:Secret"
GENERATE = "urn:alm:descriptor:com.apusic.secret:generate:"

PATHS = ["values.a", "values.b.c", "values.l[0].p"]
leaves = st.text("xy", min_size=1, max_size=3) | st.integers(1, 9)
documents = st.builds(
    lambda a, c, p, more: {"kind": "HelmRelease", "spec": {"values": {**more, **({"a": a} if a else {}), "b": {"c": c} if c else {}, "l": [{"p": p, "q": 1}]}}},
    st.none() | leaves, st.none() | leaves, leaves, st.dictionaries(st.sampled_from("xyz"), leaves))


def package(*fields):
    return SimpleNamespace(spec_descriptors=tuple(SimpleNamespace(path=path, widgets=widgets) for path, widgets in fields))


def test_password_fields_are_secret():
    found = secrets.secret_paths(package(
        ("values.auth.password", (UI + "password",)), ("values.replicas", (UI + "number",)), ("values.auth.password", (UI + "password", UI + "advanced")),
        ("values.existing", (SECRET,))))
    assert found == [("values", "auth", "password")]


def test_secrets_to_generate():
    found = secrets.generated(package(
        ("values.auth.existingSecret", (SECRET, GENERATE + "auth:password")), ("values.tls.secret", (GENERATE + "tls:key:32", SECRET)),
        ("values.x", (SECRET,)),
    ))
    assert found == [
        secrets.GeneratedSecret(("values", "auth", "existingSecret"), "auth", "password", 24),
        secrets.GeneratedSecret(("values", "tls", "secret"), "tls", "key", 32),
    ]


@pytest.mark.parametrize("tail", [
    "", "auth", "auth:", ":password", "auth:password:x", "auth:password:7", "auth:password:1025", "Auth:password", "auth:pass word", "a" * 64 + ":k", "-a:k",
    "auth:k:8:9",
])
def test_unfit_generators_are_refused(tail):
    with pytest.raises(PackageError):
        secrets.generated(package(("values.x", (SECRET, GENERATE + tail))))


@given(documents)
def test_split_and_join_undo_each_other(document):
    rest, values = secrets.split(document, PATHS)
    assert secrets.join(rest, values) == document
    assert secrets.split(rest, PATHS) == (rest, {})
    assert all(d.get(rest["spec"], path) is None for path in values)


@given(documents)
def test_masking_hides_the_secrets_and_nothing_else(document):
    shown = secrets.mask(document, PATHS)
    rest, values = secrets.split(document, PATHS)
    assert secrets.split(shown, PATHS) == (rest, dict.fromkeys(values, "********"))


def test_empty_values_are_no_secrets():
    document = {"spec": {"values": {"a": "", "b": None}}}
    assert secrets.split(document, ["values.a", "values.b", "values.c"]) == (document, {})
    assert secrets.split({}, ["values.a"]) == ({}, {})
    assert secrets.mask(document, ["values.a"]) == document


def test_join_takes_steps_and_makes_maps():
    assert secrets.join({"spec": None}, {("values", "a", "b"): 1}) == {"spec": {"values": {"a": {"b": 1}}}}
    with pytest.raises(InputError):
        secrets.join({"spec": {"values": {"a": 5}}}, {"values.a.b": 1})


def test_covers():
    covered = secrets.covers(["values.auth", ("values", "l", 0)])
    assert covered(("values", "auth")) and covered(("values", "auth", "password")) and covered(("values", "l", 0, "x"))
    assert not covered(("values",)) and not covered(("values", "l", 1)) and not covered(("values", "author"))
