# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs: which of them, how much, and what is masked in them."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.look import instances, logs

from . import samples
from .cluster import Kube, look, owned


def secret(name: str, **values: str) -> dict:
    data = {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}
    return {"kind": "Secret", "metadata": {"name": name, "namespace": "shop"}, "data": data}


def logged(kube, ctx=None, **query) -> list[dict]:
    return look(kube, ctx, name="one", parts=["logs"], **query)[0]["logs"]


def test_secrets_are_masked_in_logs_and_nowhere_else():
    objects = owned()
    objects[0]["status"]["secrets"] = [{"name": "one-auth", "keys": ["password"]}]
    objects[3]["spec"]["containers"][0]["env"] = [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "theirs", "key": "p"}}}]
    objects[3]["spec"]["volumes"] = [{"name": "v", "secret": {"secretName": "file"}}]
    text = "password hunter2hunter2 of user one-5c\nother s3cret-of-others\nrequirepass in-a-file-0815\n"
    kube = Kube(*objects, secret("one-auth", password="hunter2hunter2", user="one-5c"), secret("theirs", p="s3cret-of-others\n"),
                secret("file", conf="port 1\nrequirepass in-a-file-0815\n"), secret("unused", x="password"), text=text)
    found = logged(kube)[0]
    assert found["lines"] == ["password ******** of user ********", "other ********", "********"] and found["pod"] == "one-5c-x"


def test_who_may_not_read_secrets_is_told():
    objects = owned()
    objects[0]["status"]["secrets"] = [{"name": "one-auth", "keys": ["password"]}]
    kube, ctx = Kube(*objects), Context()
    kube.closed = {"Secret"}
    assert logged(kube, ctx)[0]["lines"] == ["a line"] and "one-auth" in ctx.warnings[0]


CRASHED = {"waiting": {"reason": "CrashLoopBackOff"}}
ENDED = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": samples.BEGAN}}


@pytest.mark.parametrize(("state", "last", "previous", "read"), [
    ({"running": {"startedAt": samples.BEGAN}}, None, None, [False]),
    ({"running": {"startedAt": samples.BEGAN}}, ENDED, None, [False]),
    ({"running": {"startedAt": samples.BEGAN}}, ENDED, True, [True]),
    (CRASHED, ENDED, None, [True]), (CRASHED, ENDED, False, []), (CRASHED, None, True, []),
    ({"terminated": {"exitCode": 0, "startedAt": samples.BEGAN}}, None, None, [False]),
    ({"waiting": {"reason": "ContainerCreating"}}, None, None, []),
])
def test_the_log_before_a_crash_is_shown(state, last, previous, read):
    objects = owned()
    objects[3]["status"]["containerStatuses"][0].update(state=state, **({"lastState": last} if last else {}))
    kube = Kube(*objects)
    logged(kube, previous=previous)
    assert [call[4] for call in kube.asked if call[0] == "logs"] == read


def test_logs_are_bounded_and_the_newest_lines_are_kept():
    lines = [f"{number:06} " + "x" * 200 for number in range(5000)]
    kube = Kube(*owned(), text=lambda tail, _previous: "\n".join(lines[-tail:])[:logs._SERVER_BYTES])
    found = logged(kube, lines=2000)[0]
    assert found["lines"][-1] == lines[-1] and found["cut"] and sum(map(len, found["lines"])) <= logs.BYTES


def test_all_logs_together_are_bounded(monkeypatch):
    monkeypatch.setattr(logs, "ALL_BYTES", 4000)
    found = logs._within([{"lines": ["x" * 99] * 100, "cut": False} for _number in range(3)])
    assert sum(len(item["lines"]) * 100 for item in found) <= 4000 and all(item["cut"] for item in found)


@pytest.mark.parametrize(("query", "said"), [({"name": None}, "those of one"), ({"lines": 0}, "0 lines"), ({"lines": 2001}, "2001 lines")])
def test_logs_that_cannot_be_meant(query, said):
    with pytest.raises(InputError, match=said):
        instances.info({}, None, {"name": "one", "parts": ["logs"], **query}, Context())


def test_a_misspelt_container_is_told_the_nearest():
    with pytest.raises(InputError, match='did you mean "c"'):
        logged(Kube(*owned()), container="cc")
