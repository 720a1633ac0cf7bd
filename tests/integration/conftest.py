# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests on a real cluster share.

Settings (tests/integration/run makes them): ACMP_KUBECONFIG the cluster, ACMP_SECOND_KUBECONFIG another one, ACMP_COLLECTIONS where the collection
is installed (the checkout itself by default), ACMP_HELM the helm to use, ACMP_IN_PROCESS=false to force modules, ACMP_LOGS for dumps.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from harness import dump
from harness.ansible import Ansible
from harness.api import PLATFORM, Api
from harness.checks import until
from harness.packages import TINY, forget
from proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CLUSTER = ROOT / "tests" / "cluster" / "cluster"
LOGS = Path(os.environ.get("ACMP_LOGS") or ROOT / "build" / "logs")
# Found nowhere but in the namespace's Secrets, whatever is printed.
PLANTED = "planted-Zq7-secret-4711"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.cluster)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.acmp_failed = outcome.get_result().failed


@pytest.fixture(scope="session")
def kubeconfig() -> str:
    path = os.environ.get("ACMP_KUBECONFIG")
    if not path:
        pytest.skip("no cluster: set ACMP_KUBECONFIG to the kubeconfig of one that may be written to, or use tests/integration/run")
    if not os.path.isfile(path):
        pytest.fail(f"ACMP_KUBECONFIG is {path}, and there is no such file")
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def api(kubeconfig) -> Api:
    return Api(kubeconfig)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("acmp")


@pytest.fixture(scope="session")
def helm_binary() -> str:
    path = os.environ.get("ACMP_HELM") or shutil.which("helm")
    if not path:
        pytest.skip("no helm: set ACMP_HELM, or put Helm 3.18+ or 4 on PATH")
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def helm_folder(scratch, helm_binary) -> str:
    """A folder for PATH that holds the chosen helm alone."""
    folder = scratch / "helm"
    folder.mkdir()
    (folder / "helm").symlink_to(helm_binary)
    return str(folder)


@pytest.fixture(scope="session")
def collections(scratch) -> str:
    given = os.environ.get("ACMP_COLLECTIONS")
    if given:
        return given
    link = scratch / "collections" / "ansible_collections" / "acmp" / "middleware"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT, target_is_directory=True)
    return str(scratch / "collections")


@pytest.fixture(scope="session")
def ansible(collections, kubeconfig, helm_folder, scratch) -> Ansible:
    in_process = os.environ.get("ACMP_IN_PROCESS", "true").lower() != "false"
    return Ansible(collections, kubeconfig, helm_folder, scratch / "runs", in_process, secrets=[PLANTED])


@pytest.fixture(scope="session")
def in_process(ansible) -> bool:
    """The lane's own way: each of the two is some lane's."""
    return ansible.in_process


@pytest.fixture(scope="session")
def platform(ansible, api) -> str:
    """The platform set up and the tiny package listed; its version."""
    with (Path(tempfile.gettempdir()) / "acmp-integration-platform.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        forget(api, "tiny")
        run = ansible.play({"acmp_setup": {}}, {"acmp_package": {"src": str(TINY), "state": "listed"}})
    for result in run.results:
        assert not result.failed, result.msg
    return run.last["package"]["version"]


@pytest.fixture(scope="session")
def second_cluster(ansible, api, platform, second_kubeconfig) -> str:
    """The second cluster registered with the platform; its name, "second" where it had none. Several workers share it, so nobody removes it."""
    if not second_kubeconfig:
        pytest.skip("no second cluster: set ACMP_SECOND_KUBECONFIG, or use tests/integration/run")
    with (Path(tempfile.gettempdir()) / "acmp-integration-second.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        uid = Api(second_kubeconfig).get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
        known = [item["metadata"]["name"] for item in api.list(f"{PLATFORM}/clusters") if item["spec"].get("uid") == uid]
        if known:
            return known[0]
        run = ansible.play({"acmp_cluster": {"name": "second", "description": "Another one", "cluster_kubeconfig": second_kubeconfig}})
    assert not run.last.failed, run.last.msg
    return "second"


class SpareCluster:
    """An API server of the test's own, to be registered, stopped and started again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.up()
        self.kubeconfig = self._run("kubeconfig", "--name", name).strip()

    def up(self) -> None:
        self._run("up", "--name", self.name, "--control-plane-only")

    def stop(self) -> None:
        self._run("down", "--name", self.name, "--keep-data")

    def down(self) -> None:
        self._run("down", "--name", self.name)

    @staticmethod
    def _run(*words: str) -> str:
        done = subprocess.run([CLUSTER, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-500:])
        return done.stdout


@pytest.fixture(scope="module")
def spare_cluster(tmp_path_factory):
    if os.getuid():
        pytest.skip("a cluster can be started by root only")
    try:
        one = SpareCluster(f"spare-{os.getpid()}")
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"no cluster could be started: {error}")
    yield one
    one.down()


@pytest.fixture
def space(api, request, platform):
    """A namespace of the test's own; dumped into the logs when the test fails, and deleted."""
    yield from _space(api, request)


@pytest.fixture
def other_space(api, request, platform):
    yield from _space(api, request)


def _space(api, request):
    word = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:30].strip("-")
    name = f"it-{word}-{random.SystemRandom().randrange(16 ** 4):04x}"
    api.namespace(name)
    # What every namespace gets by itself, a moment later.
    until("the namespace to be furnished", lambda: api.core("serviceaccounts", name, "default") and api.core("configmaps", name, "kube-root-ca.crt"))
    yield name
    if getattr(request.node, "acmp_failed", False):
        with contextlib.suppress(Exception):
            print(f"what was left in the namespace: {dump.dump(api, name, LOGS / f'namespace-{name}.txt')}")
    api.drop_namespace(name)


@pytest.fixture
def proxy(kubeconfig, tmp_path):
    with Proxy(kubeconfig, tmp_path) as one:
        yield one


class HelmWrapper:
    """A helm that notes each start before it becomes the real one. folder: for PATH."""

    def __init__(self, folder: Path, binary: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self._log = str(folder), folder / "starts"
        script = folder / "helm"
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{self._log}"\nexec "{binary}" "$@"\n')
        script.chmod(0o755)

    @property
    def starts(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def reset(self) -> None:
        self._log.unlink(missing_ok=True)


@pytest.fixture
def helm_wrapper(tmp_path, helm_binary) -> HelmWrapper:
    return HelmWrapper(tmp_path / "wrapped-helm", helm_binary)


@pytest.fixture(scope="session")
def second_kubeconfig() -> str | None:
    path = os.environ.get("ACMP_SECOND_KUBECONFIG")
    return os.path.abspath(path) if path and os.path.isfile(path) else None


@pytest.fixture(scope="session")
def tarball() -> str:
    """The built collection."""
    given = os.environ.get("ACMP_TARBALL")
    if given:
        return given
    return subprocess.run([ROOT / "tests" / "tools" / "build"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def classes(api):
    """(one that expands volumes, one that does not), with the provisioner of the cluster's default class."""
    path = "/apis/storage.k8s.io/v1/storageclasses"
    default = next(
        (item for item in api.list(path) if item["metadata"].get("annotations", {}).get("storageclass.kubernetes.io/is-default-class") == "true"), None)
    if default is None:
        pytest.skip("the cluster has no default storage class")
    mark = f"{random.SystemRandom().randrange(16 ** 4):04x}"
    names = (f"it-grows-{mark}", f"it-fixed-{mark}")
    for name, able in zip(names, (True, False), strict=True):
        api.create(path, {
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, "provisioner": default["provisioner"],
            "parameters": default.get("parameters"), "volumeBindingMode": default.get("volumeBindingMode"), "allowVolumeExpansion": able,
        })
    yield names
    for name in names:
        api.delete(f"{path}/{name}")
