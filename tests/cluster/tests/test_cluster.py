# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promises of tests/cluster, kept by a cluster of its own: run as root with `python3 -m unittest` or pytest (about 2 min)."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from acmp_cluster import cgroups, network, paths, process  # noqa: E402  # pylint: disable=wrong-import-position

NAME = "selftest"
COMMAND = str(HERE.parent / "cluster")


def cluster(*words, check=True):
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"cluster {' '.join(words)} failed: {done.stdout}{done.stderr}")
    return done


def output(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def kubectl(*words, stdin=None, check=True):
    found = paths.find(NAME)
    argv = [str(found.bin / "kubectl"), "--kubeconfig", str(found.kubeconfig), *words]
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"kubectl {' '.join(words)} failed: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def machine():
    """What a cluster could leave behind, without what other clusters on the machine do meanwhile."""
    with open("/proc/self/mountinfo", encoding="utf-8") as handle:
        mounts = [line.split()[4] for line in handle]
    return {
        "links": sorted(name for name in os.listdir("/sys/class/net") if not re.fullmatch(r"acmp\d+", name)),
        "mounts": sorted(point for point in mounts if not point.startswith("/run/acmp-cluster/")),
        "packet filter": [line for line in output("iptables-save").splitlines() if not line.startswith(("#", ":"))],
        "sysctls": {name: Path("/proc/sys", name).read_text(encoding="utf-8") for name in ("vm/overcommit_memory", "kernel/panic", "net/ipv4/ip_forward")},
        "named namespaces": sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else [],
        "fixed folders": {point: os.path.exists(point) for point in network.MOUNT_POINTS},
        "container logs": sorted(os.listdir("/var/log/containers")) if os.path.isdir("/var/log/containers") else [],
    }


def listeners(prefix=()):
    """(local address, process ids) of each TCP and UDP listener."""
    for line in output(*prefix, "ss", "-Hlntup").splitlines():
        yield line.split()[4], {int(pid) for pid in re.findall(r"pid=(\d+)", line)}


def namespaces_of(found):
    return {f"{kind}:[{os.stat(found.run / 'ns' / kind).st_ino}]" for kind in ("net", "mnt")}


def wait(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.2)


def kill(name):
    record = process.Processes(paths.find(NAME)).record(name)
    os.kill(record["pid"], signal.SIGKILL)
    wait(lambda: process.start_time(record["pid"]) is None, 5, f"the end of {name}")


def setUpModule():  # pylint: disable=invalid-name
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")
    cluster("down", "--name", NAME)


def tearDownModule():  # pylint: disable=invalid-name
    cluster("down", "--name", NAME)


class Running(unittest.TestCase):
    """A cluster that is up."""

    @classmethod
    def setUpClass(cls):
        cluster("up", "--name", NAME)
        cls.found = paths.find(NAME)

    def test_second_up_is_quick(self):
        begin = time.monotonic()
        done = cluster("up", "--name", NAME)
        self.assertIn("already up", done.stderr)
        self.assertLess(time.monotonic() - begin, 1.0 if os.getloadavg()[0] < 2 else 5.0)

    def test_nothing_listens_on_the_machine(self):
        ours = cgroups.members(self.found)
        self.assertEqual([], [(address, pids) for address, pids in listeners() if pids & ours])

    def test_nothing_listens_on_all_addresses_of_the_node(self):
        inside = list(listeners(["nsenter", f"--net={self.found.run}/ns/net"]))
        self.assertGreater(len(inside), 8)
        for address, _pids in inside:
            self.assertRegex(address, rf"^(127\.0\.0\.1|\[::1\]|{re.escape(self.found.node_ip)}):\d+$")

    def test_no_way_out(self):
        done = subprocess.run(["nsenter", f"--net={self.found.run}/ns/net", "ip", "route", "get", "198.51.100.1"], capture_output=True, text=True, check=False)
        self.assertNotEqual(0, done.returncode, done.stdout)

    def test_kubeconfig_is_private(self):
        self.assertEqual(0o600, self.found.kubeconfig.stat().st_mode & 0o777)
        self.assertEqual(0o700, self.found.pki.stat().st_mode & 0o777)
        self.assertIn(str(self.found.kubeconfig), cluster("env", "--name", NAME).stdout)

    def test_volume_is_open_and_really_deleted(self):
        kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "volume"},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "writer"}, "spec": {
                "terminationGracePeriodSeconds": 0, "securityContext": {"runAsUser": 4711, "runAsGroup": 4711},
                "containers": [{"name": "c", "image": "busybox:1.35", "command": ["sh", "-c", "echo kept > /v/file && sleep 600"],
                                "readinessProbe": {"exec": {"command": ["cat", "/v/file"]}, "periodSeconds": 1},
                                "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "volume"}}]}}]}))
        kubectl("wait", "--for=condition=Ready", "pod/writer", "--timeout=60s")
        folder, = [each for each in self.found.volumes.iterdir() if each.name.endswith("_default_volume")]
        self.assertEqual(0o777, folder.stat().st_mode & 0o777)
        self.assertEqual("kept\n", (folder / "file").read_text(encoding="utf-8"))
        kubectl("delete", "pod/writer", "pvc/volume", "--wait=true")
        wait(lambda: not folder.exists(), 20, "deletion of the volume's folder")

    def test_pods_find_each_other_and_the_machine_finds_them(self):
        kubectl("run", "tiny", "--image=acmp/tiny:1.1.0", "--image-pull-policy=Always", "--port=8080", "--expose", "--env=TINY_READY_AFTER=1")
        kubectl("wait", "--for=condition=Ready", "pod/tiny", "--timeout=60s")
        kubectl("run", "asker", "--image=busybox:1.35", "--restart=Never", "--command", "--", "sh", "-c",
                "for i in 1 2 3 4 5; do wget -qO- http://tiny.default.svc.cluster.local:8080/asked && exit 0; sleep 1; done; exit 1")
        kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/asker", "--timeout=60s")
        self.assertEqual("tiny 1.1.0 on tiny /asked", kubectl("logs", "asker"))
        address = kubectl("get", "service/tiny", "-o", "jsonpath={.spec.clusterIP}")
        with urllib.request.urlopen(f"http://{address}:8080/", timeout=5) as answer:
            self.assertEqual(200, answer.status)
        kubectl("delete", "pod/tiny", "pod/asker", "service/tiny", "--grace-period=0", "--force")

    def test_redis_runs_as_nobody_special(self):
        kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "redis"}, "spec": {
            "securityContext": {"runAsNonRoot": True, "runAsUser": 999, "runAsGroup": 999, "fsGroup": 999},
            "containers": [{"name": "c", "image": "redis:7.0.15", "volumeMounts": [{"name": "d", "mountPath": "/data"}],
                            "securityContext": {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                            "readinessProbe": {"exec": {"command": ["redis-cli", "ping"]}, "periodSeconds": 1}}],
            "volumes": [{"name": "d", "emptyDir": {}}]}}))
        kubectl("wait", "--for=condition=Ready", "pod/redis", "--timeout=60s")
        self.assertIn("OK", kubectl("exec", "redis", "--", "redis-cli", "save"))
        self.assertIn("no", kubectl("exec", "redis", "--", "redis-cli", "config", "get", "protected-mode").split())
        kubectl("delete", "pod/redis", "--grace-period=0", "--force")

    def test_killed_api_server_comes_back_with_its_data(self):
        kubectl("create", "configmap", "kept", "--from-literal=a=b")
        kill("kube-apiserver")
        self.assertEqual(3, cluster("status", "--name", NAME, check=False).returncode)
        cluster("up", "--name", NAME)
        self.assertEqual("b", kubectl("get", "configmap/kept", "-o", "jsonpath={.data.a}"))
        kubectl("delete", "configmap/kept")

    def test_killed_runtime_keeps_its_pods(self):
        kubectl("run", "steady", "--image=acmp/tiny:1.0.0")
        kubectl("wait", "--for=condition=Ready", "pod/steady", "--timeout=60s")
        kill("kubelet")
        kill("containerd")
        cluster("up", "--name", NAME)
        self.assertIn("tiny 1.0.0", kubectl("logs", "steady"))
        self.assertEqual("0", kubectl("get", "pod/steady", "-o", "jsonpath={.status.containerStatuses[0].restartCount}"))
        kubectl("delete", "pod/steady", "--grace-period=0", "--force")

    def test_errors_are_one_sentence(self):
        for words in (("load-image", "--name", NAME, "nosuch"), ("up", "--name", "Not_A_Name"), ("kubeconfig", "--name", "nosuch")):
            done = cluster(*words, check=False)
            self.assertEqual(1, done.returncode)
            self.assertNotIn("Traceback", done.stderr)
            self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)


class Ending(unittest.TestCase):
    """Nothing is left of a cluster, however it ended."""

    def check_gone(self, found, namespaces, before):
        self.assertFalse(found.home.exists())
        self.assertFalse(found.run.exists())
        self.assertFalse(Path(f"/sys/class/net/{found.link}").exists())
        self.assertEqual(set(), cgroups.members(found))
        self.assertEqual([], list(Path("/sys/fs/cgroup").glob(f"*{found.cgroup}")))
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                held = {os.readlink(folder / "ns" / kind) for kind in ("net", "mnt")}
                words = (folder / "cmdline").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            self.assertFalse(held & namespaces, f"{folder} lives in a namespace of the cluster: {words}")
            self.assertNotIn(f"{found.home}/", words)
            self.assertNotIn(f"{found.run}/", words)
        self.assertEqual([], [line for line in output("ip", "route").splitlines() if found.link in line])
        self.assertEqual(before, machine())

    def begin(self, *more):
        cluster("down", "--name", NAME)
        before = machine()
        cluster("up", "--name", NAME, *more)
        found = paths.find(NAME)
        return found, namespaces_of(found), before

    def test_down_leaves_nothing(self):
        found, namespaces, before = self.begin("--no-images")
        kubectl("create", "deployment", "some", "--image=acmp/nosuch:1.0.0")
        begin = time.monotonic()
        cluster("down", "--name", NAME)
        self.assertLess(time.monotonic() - begin, 20)
        self.check_gone(found, namespaces, before)
        self.assertIn("there is no cluster", cluster("down", "--name", NAME).stderr)

    def test_down_after_a_crash(self):
        found, namespaces, before = self.begin("--no-images")
        for name in process.Processes(found).names():
            kill(name)
        self.assertTrue(cgroups.members(found), "shims and pods outlive containerd, or this test shows nothing")
        cluster("down", "--name", NAME)
        self.check_gone(found, namespaces, before)

    def test_reboot_keeps_the_data(self):
        found, _namespaces, before = self.begin("--no-images")
        kubectl("create", "configmap", "kept", "--from-literal=a=b")
        time.sleep(1)
        # What a reboot leaves: the folders, and files where namespaces were.
        cgroups.kill(found)
        network.remove(found)
        cgroups.remove(found)
        cluster("up", "--name", NAME, "--no-images")
        namespaces = namespaces_of(found)
        self.assertEqual("b", kubectl("get", "configmap/kept", "-o", "jsonpath={.data.a}"))
        kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s")
        cgroups.kill(found)
        network.remove(found)
        cgroups.remove(found)
        cluster("down", "--name", NAME)
        self.check_gone(found, namespaces, before)

    def test_stop_and_go_on(self):
        found, namespaces, before = self.begin("--no-images")
        kubectl("create", "configmap", "kept", "--from-literal=a=b")
        cluster("down", "--name", NAME, "--keep-data")
        self.assertEqual(set(), cgroups.members(found))
        cluster("up", "--name", NAME, "--no-images")
        self.assertEqual("b", kubectl("get", "configmap/kept", "-o", "jsonpath={.data.a}"))
        namespaces |= namespaces_of(found)
        cluster("down", "--name", NAME)
        self.check_gone(found, namespaces, before)

    def test_control_plane_only(self):
        found, namespaces, before = self.begin("--control-plane-only")
        self.assertEqual("", kubectl("get", "nodes", "-o", "name"))
        wait(lambda: kubectl("get", "serviceaccount/default", "-o", "name", check=False), 20, "the default service account")
        self.assertTrue(kubectl("create", "token", "default"))
        cluster("down", "--name", NAME)
        self.check_gone(found, namespaces, before)


if __name__ == "__main__":
    unittest.main()
