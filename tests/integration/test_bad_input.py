# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input of tasks: names, connections, Helm, and what fails while it runs. Each is told in time, and nothing is created or lost."""

from __future__ import annotations

import base64
import datetime
import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from harness.ansible import Result, instance
from harness.checks import good

# Seconds from the first event that shows the fault to the end of the task, its clean-up included.
TOLD_WITHIN = 30
UNREACHABLE_WITHIN = 10


def told(result: Result, *words: str, where: bool = True, todo: bool = True) -> None:
    """A failure with what, where and what to do, holding these words."""
    assert result.failed, f"{result.task} did not fail: {result.data}"
    error = result.error
    assert error.get("what"), f"{result.task}: no sentence: {result.msg}"
    assert not where or error.get("where"), f"{result.task}: no place: {result.msg}"
    assert not todo or error.get("todo"), f"{result.task}: nothing to do: {result.msg}"
    missing = [word for word in words if word.lower() not in (result.msg + json.dumps(error)).lower()]
    assert not missing, f"{result.task}: does not say {missing}: {result.msg}"


@pytest.mark.once
def test_unknown_names(ansible, api, space):
    before = api.everything(space)
    run = ansible.play(
        instance("one", space, package="tinny"),
        instance("one", space, package="tiny", version="9.9.9"),
        instance("one", space, package="tiny", version="one"),
        instance("one", space, package="tiny", type="defualt"),
        instance("one", space),
        instance("one", space + "x", package="tiny"),
        instance("one", space, package="tiny", cluster="north"),
        instance("one", space, package="tiny", state="absent", delete_policy="wipe"),
    )
    told(run[0], "tinny", 'did you mean "tiny"', where=False)
    told(run[1], "9.9.9", "1.0.0", where=False)
    told(run[2], "one", where=False, todo=False)
    told(run[3], "defualt", 'did you mean "default"')
    told(run[4], "package", todo=False)
    told(run[5], space + "x", f'did you mean "{space}"', "create_namespace")
    told(run[6], "north", "local")
    # Nothing there, so nothing to wipe: that is what was asked.
    assert not run[7].failed and not run[7].changed
    assert api.everything(space) == before
    assert api.get(f"/api/v1/namespaces/{space}x") is None


@pytest.mark.once
def test_names_that_do_not_fit(ansible, api, space, helm_binary):
    """Too long, not a DNS label, taken by a Helm release or an object of somebody else."""
    subprocess.run(
        [helm_binary, "--kubeconfig", ansible.kubeconfig, "-n", space, "install", "foreign", str(_chart(ansible.scratch))], check=True, capture_output=True)
    api.create(f"/api/v1/namespaces/{space}/services", {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "occupied"}, "spec": {"ports": [{"port": 80}]}})
    before = api.everything(space)
    run = ansible.play(
        instance("a" * 54, space, package="tiny"),
        instance("Upper", space, package="tiny"),
        instance("1st", space, package="tiny"),
        instance("a_b", space, package="tiny"),
        instance("one", "Not A Namespace", package="tiny"),
        instance("foreign", space, package="tiny"),
        instance("occupied", space, package="tiny"),
        instance("foreign", space, state="absent"),
    )
    told(run[0], "54", "53")
    told(run[1], "Upper", "DNS")
    told(run[2], "1st", "DNS")
    told(run[3], "a_b", "DNS")
    told(run[4], "Not A Namespace")
    told(run[5], "foreign", "Helm release")
    told(run[6], "occupied", "Service")
    assert not run[7].changed, "a release that is no instance is not ours to remove"
    assert api.everything(space) == before
    assert api.helm(space) == {"foreign": [(1, "deployed")]}


def _chart(scratch: Path) -> Path:
    chart = scratch / "foreign-chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: foreign\nversion: 1.0.0\n")
    (chart / "templates" / "one.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: foreign}\n")
    return chart


def test_helm_missing_or_too_old(ansible, api, space, tmp_path):
    old, broken, empty = tmp_path / "old", tmp_path / "broken", tmp_path / "empty"
    for folder, text in ((old, "#!/bin/sh\necho v3.12.3+gdeadbee\n"), (broken, "#!/bin/sh\necho 'helm: no such luck' >&2\nexit 1\n"), (empty, None)):
        folder.mkdir()
        if text:
            (folder / "helm").write_text(text)
            (folder / "helm").chmod(0o755)
    # Everything else of the system is still on PATH; only where its helm lies is not.
    rest = os.pathsep.join(part for part in ansible.environment(tmp_path)["PATH"].split(os.pathsep)[1:] if not os.path.exists(os.path.join(part, "helm")))
    before = api.everything(space)
    task = instance("one", space, package="tiny")
    for folder, words in ((old, ("3.12.3", "3.18")), (broken, ("no such luck",)), (empty, ("helm", "PATH"))):
        run = ansible.play(task, env={"PATH": f"{folder}{os.pathsep}{rest}"})
        told(run.last, *words, "install")
    run = ansible.play(*[instance("one", space, package="tiny", helm_binary=path) for path in ("/nowhere/helm", str(old / "helm"))])
    told(run[0], "/nowhere/helm")
    told(run[1], "3.12.3")
    assert api.everything(space) == before


# Connections -------------------------------------------------------------------------------------------------------------------------------

def _variant(kubeconfig: str, target: Path, cluster: dict | None = None, user: dict | None = None, **top) -> str:
    config = yaml.safe_load(Path(kubeconfig).read_text())
    context = next(item for item in config["contexts"] if item["name"] == config["current-context"])["context"]
    for kind, changes in (("cluster", cluster), ("user", user)):
        section = next(item for item in config[f"{kind}s"] if item["name"] == context[kind])
        section[kind] = {**section[kind], **(changes or {})} if kind == "cluster" or not changes else changes
    target.write_text(yaml.safe_dump({**config, **top}))
    return str(target)


def _certificate(name: str, days: int) -> tuple[str, str]:
    """A self-made certificate and its key (base64 of PEM), valid until so many days from now."""
    from cryptography import x509  # noqa: PLC0415 - ansible-core brings it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(end - datetime.timedelta(days=400)).not_valid_after(end)
    made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return base64.b64encode(made.public_bytes(serialization.Encoding.PEM)).decode(), base64.b64encode(secret).decode()


def test_kubeconfigs_that_do_not_work(ansible, kubeconfig, tmp_path, platform):
    other_ca, _key = _certificate("another cluster", 300)
    expired, key = _certificate("expired admin", -2)
    stranger, stranger_key = _certificate("stranger", 300)
    cases = {
        "missing": (str(tmp_path / "nowhere"), ("nowhere",)),
        "not YAML": (_text(tmp_path / "not-yaml", "clusters: [unclosed"), ("not-yaml",)),
        "not a kubeconfig": (_text(tmp_path / "not-config", "hello: world\n"), ("not-config",)),
        "unknown context": (_variant(kubeconfig, tmp_path / "context", **{"current-context": "acmq"}), ("acmq",)),
        "other CA": (_variant(kubeconfig, tmp_path / "ca", {"certificate-authority-data": other_ca}), ("certificate",)),
        "expired certificate": (_variant(kubeconfig, tmp_path / "expired", user={"client-certificate-data": expired, "client-key-data": key}), ("expired",)),
        "unknown user": (
            _variant(kubeconfig, tmp_path / "stranger", user={"client-certificate-data": stranger, "client-key-data": stranger_key}),
            ("does not accept the credentials",)),
        "unknown token": (_variant(kubeconfig, tmp_path / "token", user={"token": "planted-Zq7-secret-4711"}), ("credential",)),
        "folder": (str(tmp_path), (str(tmp_path),)),
    }
    run = ansible.play(*[{"name": name, "acmp_instance_info": {"kubeconfig": path}} for name, (path, _words) in cases.items()],
                       {"name": "no such option", "acmp_instance_info": {"kubeconfig": kubeconfig, "context": "acmp-x"}})
    wrong = []
    for result in run.results[:-1]:
        try:
            told(result, *cases[result.task][1])
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)
    told(run.last, "acmp-x")


def _text(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.once
def test_unreachable_api(ansible, kubeconfig, tmp_path):
    """Nobody listens, nobody answers, no way there: an error within 10 seconds each, also for a deploy."""
    with socket.socket() as closed, socket.socket() as silent:
        closed.bind(("127.0.0.1", 0))
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        cases = {
            "nobody listens": f"https://127.0.0.1:{closed.getsockname()[1]}",
            "nobody answers": f"https://127.0.0.1:{silent.getsockname()[1]}",
            "no way there": "https://192.0.2.1:6443",
            "no such name": "https://api.cluster.invalid:6443",
        }
        for name, server in cases.items():
            path = _variant(kubeconfig, tmp_path / name.replace(" ", "-"), {"server": server})
            base = ansible.play({"ansible.builtin.debug": {"msg": name}}).seconds
            run = ansible.play(instance("one", "default", package="tiny"), env={"K8S_AUTH_KUBECONFIG": path})
            told(run.last, server.partition("//")[2].partition(":")[0])
            assert run.seconds - base < UNREACHABLE_WITHIN + 1.5, f"{name}: {run.seconds - base:.1f} s"


@pytest.mark.once
def test_not_a_platform(ansible, spare_cluster):
    publish = {"acmp_package": {"name": "tiny", "version": "1.0.0", "state": "listed"}}
    tasks = [{"acmp_instance_info": {}}, {"acmp_package_info": {}}, instance("one", "default", package="tiny"), publish]
    run = ansible.play(*tasks, env={"K8S_AUTH_KUBECONFIG": spare_cluster.kubeconfig})
    for result in run.results:
        told(result, "not a middleware platform", "setup")


# While it runs -----------------------------------------------------------------------------------------------------------------------------

FAULTS = {
    # name: values, words of the message, reasons of the event or state that first shows it
    "pull": ({"image.tag": "no-such-tag"}, ("no-such-tag", "image"), ("Failed", "BackOff")),
    "crash": ({"exitAfterSeconds": 0.2, "exitCode": 3, "message": "the disk is made of cheese"}, ("the disk is made of cheese", "3"), ("BackOff",)),
    "hook": ({"hookJob.enabled": True, "hookJob.exitCode": 7}, ("hook",), ("BackoffLimitExceeded",)),
}


@pytest.mark.once
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_told_in_time(ansible, api, space, fault):
    """Long before the time-out, with the reason and the last words of the container; a first deployment leaves nothing behind."""
    values, words, reasons = FAULTS[fault]
    before = api.everything(space)
    run = ansible.play(instance("bad", space, package="tiny", values=values, wait_timeout=200), timeout=280)
    ended = time.time()
    told(run.last, *words, where=False)
    shown = [_when(event) for event in api.core("events", space) if event.get("reason") in reasons]
    assert shown, f"no event says {reasons}"
    assert ended - min(shown) < TOLD_WITHIN, f"told {ended - min(shown):.0f} s after the first event"
    assert any("removed what it had created" in text for text in run.last.error.get("details", {}).get("undone", [])), run.last.error
    _gone(api, space, before)


@pytest.mark.once
def test_time_out(ansible, api, space):
    """Nothing is wrong but it never gets ready: told at the time-out, not much later; kept when asked to keep it."""
    before = api.everything(space)
    started = time.monotonic()
    run = ansible.play(instance("slow", space, package="tiny", values={"ready": False, "claim.enabled": True}, wait_timeout=6))
    told(run.last, "slow", "time-out of 6", where=False)
    assert time.monotonic() - started < 30
    _gone(api, space, before)
    kept = ansible.play(
        instance("slow", space, package="tiny", values={"ready": False}, wait_timeout=4, keep_failed=True),
        {"acmp_instance_info": {"namespace": space, "name": "slow"}})
    told(kept[0], "slow", where=False)
    assert kept[1]["instances"][0]["phase"] == "Failed" and kept[1]["instances"][0]["last_error"]
    assert api.deployment(space, "slow") is not None
    # Not waiting is no failure, and says that nobody has seen it ready.
    run = good(ansible.play(instance("patient", space, package="tiny", values={"readyAfterSeconds": 3}, wait=False)))
    assert run.last["instance"]["phase"] == "NotReady"
    run = good(ansible.play(instance("patient", space, package="tiny", values={"readyAfterSeconds": 3})))
    assert run.last["instance"]["phase"] == "Ready" and run.last["instance"]["helm_revision"] == 1


def test_failed_change_goes_back(ansible, api, space):
    """A change that cannot become ready ends with the last ready revision running, the same volume, and a record that says why."""
    good(ansible.play(instance("one", space, package="tiny", values={"claim.enabled": True})))
    claims = api.claims(space)
    run = ansible.play(
        instance("one", space, values_mode="merge", values={"image.tag": "no-such-tag"}, wait_timeout=200),
        {"acmp_instance_info": {"namespace": space, "name": "one"}}, timeout=280)
    told(run[0], "no-such-tag", where=False)
    assert any("went back to revision 1" in text for text in run[0].error["details"]["undone"]), run[0].error
    shown = run[1]["instances"][0]
    assert shown["phase"] == "Ready" and shown["ready_revision"] == 1 and "no-such-tag" in shown["last_error"] and "no-such-tag" not in shown["document"]
    assert api.deployment(space, "one")["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":1.0.0")
    assert api.claims(space) == claims
    assert [status for _revision, status in api.helm(space)["one"]].count("deployed") == 1
    again = good(ansible.play(instance("one", space, values_mode="merge")))
    assert not again.last.changed, again.last["actions"]


@pytest.mark.once
def test_preflight_names_everything_at_once(ansible, api, space):
    before = api.everything(space)
    values = {"claim.enabled": True, "claim.storageClass": "no-such-class", "image.tag": "no such tag", "resources.limits.memory": "lots"}
    run = ansible.play(instance("one", space, package="tiny", values=values))
    told(run.last, "no-such-class", "Deployment", "quantities")
    assert api.everything(space) == before


def _when(event: dict) -> float:
    text = event.get("firstTimestamp") or event.get("eventTime")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _gone(api, space: str, before: dict) -> None:
    """Everything but the log of what was tried and Helm's hook jobs is as it was."""
    end = time.monotonic() + 20
    while True:
        left = {name for name in api.everything(space) if name not in before and not name.startswith("operations/")}
        if not left:
            return
        assert time.monotonic() < end, f"left behind: {sorted(left)}"
        time.sleep(0.5)
