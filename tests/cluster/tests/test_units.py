# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be proven without a cluster: names, slots, ranges, definitions, leftovers of the last cluster."""

import ipaddress
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from acmp_cluster import addons, controlplane, images, lifecycle, network, node, paths  # noqa: E402  # pylint: disable=wrong-import-position
from acmp_cluster.errors import ClusterError  # noqa: E402  # pylint: disable=wrong-import-position


class InScratch(unittest.TestCase):
    """Each test has folders of its own instead of the machine's."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        for patch in (mock.patch.dict(os.environ, {"ACMP_CLUSTER_HOME": str(self.scratch / "home"), "ACMP_CACHE": str(self.scratch / "cache")}),
                      mock.patch.object(paths, "RUN", self.scratch / "run"), mock.patch.object(lifecycle, "RUN", self.scratch / "run")):
            patch.start()
            self.addCleanup(patch.stop)


class Slots(InScratch):
    def test_first_free_slot_is_taken_and_remembered(self):
        first = paths.claim("one", False, lambda cluster: cluster.slot == 0)
        second = paths.claim("two", True, lambda cluster: cluster.slot == 0)
        self.assertEqual((1, 2), (first.slot, second.slot))
        self.assertEqual(second, paths.find("two"))
        self.assertEqual(["one", "two"], [cluster.name for cluster in paths.known()])

    def test_no_slot_left_is_said(self):
        with self.assertRaisesRegex(ClusterError, "places for clusters are taken"):
            paths.claim("one", False, lambda cluster: True)

    def test_bad_names(self):
        for name in ("", "A", "a_b", "1a", "a-", "a" * 21, "../x"):
            with self.assertRaises(ClusterError):
                paths.find(name)

    def test_clusters_share_no_address(self):
        seen = []
        for slot in range(paths.SLOTS):
            cluster = paths.Cluster("any", slot)
            ranges = [ipaddress.ip_network(text) for text in (cluster.wire, cluster.pod_range, cluster.service_range)]
            self.assertIn(ipaddress.ip_address(cluster.node_ip), ranges[0])
            self.assertIn(ipaddress.ip_address(cluster.dns_ip), ranges[2])
            self.assertFalse([pair for pair in ((new, old) for new in ranges for old in seen) if pair[0].overlaps(pair[1])])
            self.assertLess(len(str(cluster.containerd_socket)), 100)
            self.assertLessEqual(len(cluster.link), 15)
            seen += ranges


class Leftovers(InScratch):
    def test_made_folders_go_with_the_last_cluster_only(self):
        made = self.scratch / "var" / "lib" / "cni"
        there = self.scratch / "there"
        there.mkdir()
        paths.claim("one", False, lambda cluster: False)
        network._make_folders([made, there])  # pylint: disable=protected-access
        with mock.patch.object(node, "restore_sysctls"):
            lifecycle._sweep()  # pylint: disable=protected-access
            self.assertTrue(made.is_dir())
            (paths.base() / "one" / "cluster.json").unlink()
            (paths.base() / "one").rmdir()
            lifecycle._sweep()  # pylint: disable=protected-access
        self.assertFalse((self.scratch / "var").exists())
        self.assertTrue(there.is_dir())
        self.assertFalse(paths.base().exists())

    def test_a_cluster_of_another_home_keeps_them(self):
        made = self.scratch / "var"
        (self.scratch / "run" / "3").mkdir(parents=True)
        network._make_folders([made])  # pylint: disable=protected-access
        lifecycle._sweep()  # pylint: disable=protected-access
        self.assertTrue(made.is_dir())


class Definitions(InScratch):
    def test_all_definitions_are_complete(self):
        self.assertLessEqual(set(images.DEFAULTS), set(images.names()))
        for name in images.names():
            images.definition(name)

    def test_upstream_versions(self):
        for debian, upstream in (("5:7.0.15-1~deb12u5", "7.0.15"), ("15.18-0+deb12u1", "15.18"), ("1:10.11.14-0+deb12u2", "10.11.14"),
                                 ("2.8.2+ds1-1+b7", "2.8.2")):
            self.assertEqual(upstream, images._upstream(debian))  # pylint: disable=protected-access

    def test_tag_is_part_of_the_environment_where_asked(self):
        image = images.Image(Path("/"), ("docker.io/a/b",), ("1",), {"size": 1, "digest": "d"}, {"config": {"Env": ["A=b"]}}, "TAG")
        self.assertNotEqual(image.manifest("1"), image.manifest("2"))
        self.assertIn(b'"TAG=2"', image.manifest("2")[1])

    def test_nothing_is_told_to_listen_everywhere(self):
        cluster = paths.Cluster("any", 3)
        words = [word for argv in {**node.processes(cluster), **controlplane.processes(cluster)}.values() for word in argv]
        self.assertFalse([word for word in words if "0.0.0.0" in word or "[::]" in word])

    def test_every_applied_object_has_a_path(self):
        from acmp_cluster.api import PATHS  # pylint: disable=import-outside-toplevel
        for document in [*addons.storage(), *addons.dns(paths.Cluster("any", 0))]:
            self.assertIn(document["kind"], PATHS)


if __name__ == "__main__":
    unittest.main()
