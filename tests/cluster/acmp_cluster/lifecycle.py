# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The beginning and the end of a cluster."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

from . import addons, build, cgroups, controlplane, images, network, node, packages, paths, pki, registry
from .api import Api
from .errors import ClusterError
from .paths import RUN, base, locked
from .process import Processes, raise_limits


def need_root(what):
    if os.geteuid() != 0:
        raise ClusterError(f"{what} needs root: namespaces, mounts and control groups are made; run it with sudo")


def prepare(report, control_plane_only=False):
    """Packages and programs; nothing is started."""
    packages.ensure(report, packages.CONTROL_PLANE if control_plane_only else packages.NODE)
    build.ensure(report, build.CONTROL_PLANE if control_plane_only else build.NODE)


def up(name, report, control_plane_only=False, with_images=True):
    """Start the cluster or what is missing of it; returns (cluster, was it up already)."""
    need_root("`cluster up`")
    paths.check_name(name)
    with locked(base() / f".{name}.lock", lambda: report.say(f"waiting for another command on cluster {name} to end")):
        cluster = paths.find(name)
        if cluster and cluster.control_plane_only != control_plane_only and control_plane_only:
            raise ClusterError(f"cluster {name} has a node; use another --name, or `cluster down --name {name}` first")
        if cluster and is_up(cluster):
            return cluster, True
        prepare(report, cluster.control_plane_only if cluster else control_plane_only)
        cluster = cluster or paths.claim(name, control_plane_only, network.is_taken)
        _start(cluster, report, with_images)
        return cluster, False


def _start(cluster, report, with_images):
    raise_limits()
    with ThreadPoolExecutor(4) as pool:
        with report.step("certificates, network, configuration"):
            certificates = pool.submit(pki.ensure, cluster)
            join_file = cgroups.create(cluster)
            network.create(cluster)
            node.write_config(cluster)
            _links(cluster)
            certificates.result()
        procs = Processes(cluster, join_file)
        api = Api(cluster)
        if cluster.control_plane_only:
            controlplane.start(cluster, procs, api, report)
            return
        node.start_runtime(cluster, procs)
        loading = pool.submit(_load, cluster, report, procs, images.DEFAULTS if with_images else images.DEFAULTS[:2])
        controlplane.start(cluster, procs, api, report)
        applying = pool.submit(addons.apply, cluster, api, report)
        node.start(cluster, procs, api, report)
        applying.result()
        loading.result()
        addons.wait(cluster, report)


def _load(cluster, report, procs, wanted):
    registry.Registry(cluster).wait(procs)
    return registry.load(cluster, report, wanted)


def _links(cluster):
    """Programs for the user, under the names everybody types."""
    cluster.bin.mkdir(parents=True, exist_ok=True)
    for name, target in {"kubectl": build.kubernetes("kubectl"), "helm": build.helm(4), "helm4": build.helm(4), "helm3": build.helm(3)}.items():
        link = cluster.bin / name
        if not link.is_symlink() or os.readlink(link) != str(target):
            link.unlink(missing_ok=True)
            link.symlink_to(target)


def wanted_processes(cluster):
    return {**node.processes(cluster), **controlplane.processes(cluster)}


def is_up(cluster):
    """Everything runs with the arguments of today, and API server and node say they are ready."""
    if not network.exists(cluster):
        return False
    procs = Processes(cluster)
    for name, argv in wanted_processes(cluster).items():
        record = procs.record(name)
        if not record or record["argv"] != argv:
            return False
    api = Api(cluster)
    return api.ready() and (cluster.control_plane_only or (node.is_ready(cluster, api) and addons.answers(cluster)))


def down(name, report, keep_data=False):
    """End the cluster, whatever state it is in; returns False when there was none."""
    need_root("`cluster down`")
    paths.check_name(name)
    if not base().is_dir():
        return False
    with locked(base() / f".{name}.lock", lambda: report.say(f"waiting for another command on cluster {name} to end")):
        cluster = paths.find(name)
        if not cluster:
            _sweep()
            return False
        if keep_data:
            with report.step("processes asked to end"):
                procs = Processes(cluster)
                # Who writes ends before what it writes to.
                for group in (["kubelet", "kube-proxy", "local-path-provisioner", "kube-scheduler", "kube-controller-manager"], ["kube-apiserver"], ["etcd"]):
                    procs.stop(group)
        with report.step("processes ended"):
            cgroups.kill(cluster)
        with report.step("links, mounts and groups removed"):
            network.remove(cluster)
            cgroups.remove(cluster)
        with report.step("folders removed"):
            network.check_unmounted(cluster)
            shutil.rmtree(cluster.run, ignore_errors=True)
            if not keep_data:
                # The record goes last: until then another `down` finds what is left.
                for entry in cluster.home.iterdir():
                    if entry.is_dir() and not entry.is_symlink():
                        shutil.rmtree(entry)
                    elif entry != cluster.record:
                        entry.unlink()
                shutil.rmtree(cluster.home)
            _sweep()
    return True


def _sweep():
    """With the last cluster, what all of them shared goes as well."""
    if RUN.is_dir() and not any(RUN.iterdir()):
        RUN.rmdir()
    # What runs now may belong to clusters of another home.
    if paths.known() or RUN.exists():
        return
    node.restore_sysctls()
    network.remove_folders()
    if all(each.name.startswith(".") and each.name.endswith("lock") for each in base().iterdir()):
        shutil.rmtree(base())


def load_images(name, report, wanted):
    """Build and push images; returns their references."""
    cluster = paths.find(name)
    if not cluster or cluster.control_plane_only or not Processes(cluster).record("registry"):
        raise ClusterError(f"cluster {name} does not run a registry; start it with `cluster up --name {name}`")
    network.verify(cluster)
    return registry.load(cluster, report, wanted)
