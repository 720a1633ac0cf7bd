# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform with a Redis on it, from nothing.

usage: tests/demo/run up      make what is missing; a second time changes nothing
       tests/demo/run clean   take it away, and compare what there was before and after

ACMP_KUBECONFIG   kubeconfig of a cluster to use instead of one of our own; what was there before stays there
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import env
import place
import screen
import traces
from common import BUILD, ROOT, Failed, cache, main, run_logged
from screen import show

FOLDER = BUILD / "demo"
RECORD = FOLDER / "record.json"
SETTINGS = FOLDER / "env"
PACKAGE = ROOT / "examples" / "packages" / "redis"
INSTANCE, NAMESPACE = "cache", "acmp-demo"
SET_UP = "acmp-system"  # the namespace by which a cluster is known to be a platform
RECAP = re.compile(r"^\S+\s+:\s+ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.M)


class Demo:
    """A place with the platform's tools: where commands run, with which settings."""

    def __init__(self, cluster: place.Place, venv: Path) -> None:
        self.cluster, self.venv = cluster, venv
        self.changed = 0

    def settings(self) -> dict:
        """For the demo's own commands and, as lines of a file, for the shell of whoever goes on from there."""
        return {
            "PATH": os.pathsep.join([str(self.venv / "bin"), *self.cluster.tools]),
            "ANSIBLE_COLLECTIONS_PATH": str(FOLDER / "collections"),
            "KUBECONFIG": str(self.cluster.kubeconfig), "K8S_AUTH_KUBECONFIG": str(self.cluster.kubeconfig),
            # Our playbooks need no inventory; without these Ansible warns of its absence each time.
            "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }

    def environment(self) -> dict:
        own = self.settings()
        return {**os.environ, **own, "PATH": os.pathsep.join([own["PATH"], os.environ["PATH"]])}

    def write_settings(self) -> None:
        lines = [f"export {key}='{value}'" + (':"$PATH"' if key == "PATH" else "") for key, value in self.settings().items()]
        SETTINGS.write_text("\n".join(["# For your shell:  . build/demo/env", *lines]) + "\n")

    def playbook(self, name: str, *variables: str) -> int:
        """Runs a playbook of the installed collection from an empty folder; returns how many tasks changed something."""
        return self._ansible(["ansible-playbook", f"acmp.middleware.{name}", *[part for each in variables for part in ("-e", each)]])

    def module(self, name: str, **options: str) -> None:
        text = " ".join(f"{key}={value}" for key, value in options.items())
        self._ansible(["ansible", "localhost", "-m", f"acmp.middleware.{name}", "-a", text], quiet=True)

    def _ansible(self, command: list, quiet: bool = False) -> int:
        empty = FOLDER / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        show("      $ " + " ".join(f"'{word}'" if " " in word else word for word in command))
        settings = self.environment()
        if sys.stdout.isatty():
            settings["ANSIBLE_FORCE_COLOR"] = "true"
        process = subprocess.Popen(command, cwd=empty, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output = []
        for line in process.stdout:
            output.append(line)
            if not quiet and line.strip():
                print("      " + line, end="", flush=True)
        if process.wait():
            raise Failed(f"{' '.join(command[:2])} failed, see " + ("above" if not quiet else "here:\n" + "".join(output)) +
                         "\nTo do: correct what it names, then run make demo again: it goes on where it ended")
        found = RECAP.search(re.sub(r"\x1b\[[0-9;]*m", "", "".join(output)))
        changed = int(found.group(2)) if found else 0
        self.changed += changed
        return changed


def up() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    own = not os.environ.get("ACMP_KUBECONFIG")
    _first_screen(own)
    before = traces.machine()
    steps = screen.Steps(7)
    with steps.step("tools", "Ansible and its libraries"):
        venv = env.ensure("newest")
        show(f"      {venv}")
    with steps.step("cluster", "a Kubernetes for it" if own else f"the one of {os.environ['ACMP_KUBECONFIG']}"):
        cluster = place.own() if own else place.foreign(os.environ["ACMP_KUBECONFIG"])
        show(f"      {cluster.describe()}")
    demo = Demo(cluster, venv)
    _remember(cluster, before)
    with steps.step("collection", "built, and installed as a user would"):
        run_logged([ROOT / "tests" / "tools" / "install", "newest", FOLDER / "collections"], FOLDER / "install.log", "installing the collection")
        demo.write_settings()
        show(f"      {FOLDER / 'collections'}")
    with steps.step("setup", "the cluster becomes a platform"):
        demo.playbook("setup")
    with steps.step("publish", "Redis goes into the catalog"):
        demo.playbook("publish", f"acmp_package_src={PACKAGE}")
    with steps.step("deploy", f"an instance of it, {NAMESPACE}/{INSTANCE}"):
        demo.playbook("deploy", f"acmp_instance={INSTANCE}", f"acmp_namespace={NAMESPACE}", "acmp_package=redis", "acmp_create_namespace=true")
    record = json.loads(cluster.kubectl("-n", NAMESPACE, "get", "instances.operators.apusic.com", INSTANCE, "-o", "json"))
    with steps.step("use", "a key written and read by another pod, through the Service"):
        _use(cluster, record)
    _last_screen(demo, record, steps)
    return 0


def _first_screen(own: bool) -> None:
    warm = _warm()
    cold = "15 minutes or more: Kubernetes and Helm are compiled, images are built (later: 20 seconds)"
    cluster = "seconds" if not own else "20 seconds" if warm["cluster"] else cold
    rows = [
        ("tools", "Ansible in a virtual environment", "a second" if warm["tools"] else "1 minute, from the Python package index (later: a second)"),
        ("cluster", "a real Kubernetes on this machine, without Docker" if own else "the one ACMP_KUBECONFIG names", cluster),
        ("collection", "built from this checkout and installed", "10 seconds"),
        ("setup", "custom resources, namespaces and roles of the platform", "5 seconds"),
        ("publish", "the package examples/packages/redis, into the catalog", "3 seconds"),
        ("deploy", f"Redis as instance {INSTANCE} in namespace {NAMESPACE}", "15 seconds"),
        ("use", "another pod writes a key and reads it back", "5 seconds"),
    ]
    steps = "\n".join(f"  {number} {name:10} {text:{max(len(row[1]) for row in rows)}}  {took}" for number, (name, text, took) in enumerate(rows, 1))
    where = f"It writes to {cache()} (programs, kept for the next time) and {FOLDER}"
    where += f",\nto {traces.CLUSTERS} (the cluster), and installs Debian packages that are missing." if own else ",\nand to that cluster."
    show(screen.FIRST.format(title=screen.headline("acmp.middleware, the demo"), number=len(rows), steps=steps, where=where).strip("\n"))


def _warm() -> dict:
    lanes = env.lanes()
    ready = bool(lanes) and any(env.ready(path) for path in (cache() / "venv").glob(f"{lanes[-1]}-*") if path.is_dir())
    built = any((cache() / "bin").glob("kubernetes-*")) and any((cache() / "images").glob("*redis*"))
    return {"tools": ready, "cluster": built}


def _remember(cluster: place.Place, before: dict) -> None:
    """What there was before the first run, so that cleaning knows what is the demo's; kept until it was cleaned."""
    known = _recorded()
    if known and known["uid"] == cluster.uid:
        return
    seen = cluster.traces() if not cluster.is_own else {}
    platform = f"namespace/{SET_UP}" in seen.get("namespaces", [])
    packages = cluster.kubectl("-n", "acmp-catalog", "get", "packages.operators.apusic.com", "-o", "jsonpath={.items[*].spec.name}").split() if platform else []
    RECORD.write_text(json.dumps({
        "own": cluster.is_own, "uid": cluster.uid, "kubeconfig": str(cluster.kubeconfig), "machine": before, "kubernetes": seen,
        "platform": platform, "package": "redis" in packages, "namespace": f"namespace/{NAMESPACE}" in seen.get("namespaces", []),
    }, indent=1))


def _recorded() -> dict | None:
    return json.loads(RECORD.read_text()) if RECORD.exists() else None


def _use(cluster: place.Place, record: dict) -> None:
    address = record["status"]["endpoints"][0]["addresses"][0]
    host, _colon, port = address.rpartition(":")
    secret = record["status"]["secrets"][0]
    image = cluster.kubectl("-n", NAMESPACE, "get", "statefulset", f"{INSTANCE}-primary", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    value = f"written by make demo at {time.strftime('%H:%M:%S')}"
    redis = f"redis-cli -h {host} -p {port}"
    # redis-cli takes the password from REDISCLI_AUTH, the kubelet that from the Secret: it is on no command line and not here.
    script = f'{redis} SET demo:greeting "{value}" && {redis} GET demo:greeting'
    show(f"      a pod that is not Redis runs: {script}")
    output = cluster.run_pod(NAMESPACE, "acmp-demo-client", image, ["sh", "-c", script], {"REDISCLI_AUTH": (secret["name"], secret["keys"][0])})
    for line in output.splitlines():
        show(f"      {line}")
    if output.splitlines() != ["OK", value]:
        raise Failed(f"the key was not read back: expected OK and {value!r}. To do: look at the instance, ansible-playbook acmp.middleware.status")


def _last_screen(demo: Demo, record: dict, steps: screen.Steps) -> None:
    spec, status = record["spec"], record["status"]
    again = f"\nChanged by this run: {demo.changed} tasks\n"
    if not demo.changed:
        again = "\n" + screen.headline("0 changed: everything was as it should be already, and nothing was touched.") + "\n"
    show(screen.LAST.format(
        title=screen.headline("Redis runs, and was used."), package=spec["package"], version=spec["version"], type=spec["type"],
        namespace=NAMESPACE, name=INSTANCE, phase=status["phase"], revision=status["revision"],
        addresses="\n             ".join(address for each in status["endpoints"] for address in each["addresses"]),
        secret=status["secrets"][0]["name"], key=", ".join(status["secrets"][0]["keys"]), table=steps.table(), again=again,
        settings=SETTINGS.relative_to(ROOT), root=ROOT,
    ))


def clean() -> int:
    known = _recorded()
    own = place.own_slot() is not None
    if not known and not own:
        show("There is no demo to clean: neither a record of one in build/demo nor its cluster on this machine.")
        return 0
    left: dict = {}
    if own:
        left |= _clean_machine(known or {})
    if known and not known["own"]:
        left |= _clean_foreign(known)
    if left:
        raise Failed("something is left, see above. To do: run make demo-clean again; what stays then is a defect")
    shutil.rmtree(FOLDER, ignore_errors=True)
    show("Nothing is left of the demo." + (f" Its programs stay in {cache()} for the next time." if own else ""))
    return 0


def _clean_machine(known: dict) -> dict:
    slot = place.own_slot()
    before = {**traces.of_machine(place.NAME, slot), "Kubernetes namespaces": place.own_namespaces()}
    show(f"Ending the demo's Kubernetes (cluster {place.NAME}) with everything in it")
    began = time.monotonic()
    place.end_own()
    after = traces.of_machine(place.NAME, slot)
    show(traces.table(before, after) + f"\n  taken away in {screen.duration(time.monotonic() - began)}")
    foreign = traces.new(known["machine"], traces.machine()) if known.get("own") else {}
    for kind, names in foreign.items():
        show(f"  since the demo began this machine has other {kind}, not the demo's: {', '.join(names[:6])}")
    return {kind: names for kind, names in after.items() if names}


def _clean_foreign(known: dict) -> dict:
    cluster = place.foreign(known["kubeconfig"])
    if cluster.uid != known["uid"]:
        raise Failed(f"{known['kubeconfig']} leads to another cluster than the demo used, so nothing was touched. "
                     f"To do: let it lead there again, or delete {RECORD}")
    demo = Demo(cluster, env.ensure("newest"))
    before = cluster.traces()
    show(f"Taking the demo out of {cluster.describe()}")
    began = time.monotonic()
    _take_out(demo, known)
    after = cluster.traces_settled(known["kubernetes"])
    show("  before: " + (", ".join(name for names in traces.new(known["kubernetes"], before).values() for name in names) or "nothing of the demo"))
    left = traces.new(known["kubernetes"], after)
    show("  after:  " + (", ".join(name for names in left.values() for name in names) or "nothing that was not there before the demo"))
    show(f"  taken away in {screen.duration(time.monotonic() - began)}")
    return left


def _take_out(demo: Demo, known: dict) -> None:
    cluster = demo.cluster
    if cluster.exists("namespace", SET_UP):
        demo.playbook("remove", f"acmp_instance={INSTANCE}", f"acmp_namespace={NAMESPACE}", "acmp_delete_policy=wipe", f"acmp_confirm={INSTANCE}")
    if not known["namespace"] and cluster.exists("namespace", NAMESPACE):
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true", "--timeout=120s")
    if not cluster.exists("namespace", SET_UP):
        return
    if not known["platform"]:
        demo.playbook("setup", "acmp_state=absent", "acmp_confirm=acmp")
    elif not known["package"]:
        version = re.search(r'^version: "(.+)"', (PACKAGE / "metadata.yaml").read_text(), re.M).group(1)
        for state in ("unlisted", "absent"):
            demo.module("acmp_package", name="redis", version=version, state=state)


def run(arguments: list) -> int:
    os.environ.pop("PYTHONPATH", None)  # ours, for the imports above; Ansible must not get it
    if arguments == ["up"]:
        return up()
    if arguments == ["clean"]:
        return clean()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    main(run)
