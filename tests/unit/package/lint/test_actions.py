# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""op-PRODUCT-ACTION.yaml: runs, ends, and has no more rights than it needs."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package import yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _actions, _images, linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = "apiVersion: operators.apusic.com/v1alpha1\nkind: Application\nspec: {type: helm, templateType: helm, manifests: {}}\n"
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: backup
spec:
  activeDeadlineSeconds: 600
  template:
    spec:
      restartPolicy: Never
      volumes:
        - {name: scratch, emptyDir: {}}
      containers:
        - name: tool
          image: docker.io/example/tool:1.0.0
          securityContext: {runAsNonRoot: true}
"""
POD = "apiVersion: v1\nkind: Pod\nspec:\n  restartPolicy: OnFailure\n  activeDeadlineSeconds: 5\n  containers:\n    - {name: a, image: 'a.example/b:1.0.0'}\n"
CRON = "apiVersion: batch/v1\nkind: CronJob\nspec:\n  schedule: '0 3 * * *'\n  jobTemplate:\n    spec:\n" + "".join(
    f"    {line}" for line in JOB.partition("\nspec:\n")[2].splitlines(keepends=True))
OURS = {*_actions.RULES, *_images.RULES}


def tree(text: str, *more: str) -> FileTree:
    """A package with that backup, and a recovery that is sound."""
    files = {
        "metadata.yaml": "name: redis\nversion: 1.0.0\n", "application.yaml": HEAD, "raw/redis/Chart.yaml": "name: redis\nversion: 1.0.0\n",
        "op-redis-backup.yaml": text, "op-redis-recovery.yaml": JOB, **dict.fromkeys(more, JOB),
    }
    return FileTree({path: data.encode() for path, data in files.items()}, "redis")


def found(text: str, *more: str) -> list[tuple[str, str]]:
    return [(item.rule[5:], item.where) for item in linter.lint(tree(text, *more)).findings if item.rule[5:] in OURS]


@pytest.mark.parametrize("text", [
    JOB, POD, CRON, "apiVersion: redis.example.com/v1\nkind: Backup\nspec: {target: x}\n", JOB.replace("  name: backup\n", "  namespace: '{{.Namespace}}'\n"),
    JOB.replace("      restartPolicy: Never\n", "      restartPolicy: Never\n      serviceAccountName: default\n"),
    JOB.replace("{runAsNonRoot: true}", "{privileged: false, capabilities: {add: [NET_BIND_SERVICE]}}"),
])
def test_sound_actions(text):
    assert found(text) == []


@pytest.mark.parametrize(("old", "new", "rule", "line"), [
    ("spec:\n", "spec: 5\nx:\n", "OP-030", 5),
    ("      containers:\n", "      initContainers:\n", "OP-030", 8),
    ("      restartPolicy: Never\n", "      restartPolicy: Never\n      hostNetwork: true\n", "OP-031", 10),
    ("      restartPolicy: Never\n", "      restartPolicy: Never\n      hostPID: true\n", "OP-031", 10),
    ("      restartPolicy: Never\n", "      restartPolicy: Never\n      hostIPC: true\n", "OP-031", 10),
    ("emptyDir: {}", "hostPath: {path: /}", "OP-031", 11),
    ("emptyDir: {}", "local: {path: /x}", "OP-031", 11),
    ("{runAsNonRoot: true}", "{}\n          ports: [{containerPort: 1, hostPort: 1}]", "OP-031", 16),
    ("{runAsNonRoot: true}", "{privileged: true}", "OP-032", 15),
    ("{runAsNonRoot: true}", "{capabilities: {add: [SYS_ADMIN]}}", "OP-039", 15),
    ("      restartPolicy: Never\n", "      restartPolicy: Never\n      serviceAccountName: admin\n", "OP-033", 10),
    ("      restartPolicy: Never\n", "      restartPolicy: Never\n      serviceAccount: admin\n", "OP-033", 10),
    ("      restartPolicy: Never\n", "      restartPolicy: Never\n      automountServiceAccountToken: true\n", "OP-033", 10),
    ("      restartPolicy: Never\n", "", "OP-035", 8),
    ("restartPolicy: Never", "restartPolicy: Always", "OP-035", 9),
    ("  name: backup\n", "  name: backup\n  namespace: shop\n", "OP-036", 5),
    ("  activeDeadlineSeconds: 600\n", "", "OP-038", 5),
    ("tool:1.0.0", "tool", "IMG-001", 14),
    ("tool:1.0.0", "tool:latest", "IMG-002", 14),
    ("tool:1.0.0", "Tool:1.0.0", "IMG-003", 14),
])
def test_faults(old, new, rule, line):
    assert old in JOB
    assert (rule, f"op-redis-backup.yaml:{line}") in found(JOB.replace(old, new, 1))


def test_a_reason_turns_an_account_into_a_hint():
    text = JOB.replace("      restartPolicy: Never\n", "      restartPolicy: Never\n      serviceAccountName: admin\n").replace(
        "  name: backup\n", "  name: backup\n  annotations: {operators.apusic.com/reason: It reads the Secrets of its namespace}\n")
    assert found(text) == [("OP-034", "op-redis-backup.yaml:5")]


def test_actions_come_in_pairs():
    assert found(JOB, "op-redis-startup.yaml") == [("OP-037", "op-redis-startup.yaml:1")]
    assert found(JOB, "op-redis-startup.yaml", "manifests/op-redis-shutdown.yaml") == []
    assert found(JOB, "op-redis-failover.yaml") == []


def test_the_line_is_that_of_the_right_document():
    assert found(f"{POD}---\n{JOB.replace('tool:1.0.0', 'tool:latest')}") == [("IMG-002", "op-redis-backup.yaml:22")]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_actions_of_any_content(data):
    words = st.sampled_from([
        "spec", "template", "metadata", "containers", "initContainers", "volumes", "hostPath", "securityContext", "privileged", "capabilities", "add", "ports",
        "hostPort", "image", "name", "namespace", "annotations", "restartPolicy", "serviceAccountName", "jobTemplate", "activeDeadlineSeconds", "",
    ])
    scalars = words | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    value = data.draw(st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5), max_leaves=25))
    head = {"apiVersion": "batch/v1", "kind": data.draw(st.sampled_from(["Job", "Pod", "CronJob"])), "spec": value, "metadata": value}
    for item in linter.lint(tree(yaml_reader.dump(head))).findings:
        assert item.message.isprintable() and len(item.message) < 1000
