# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

import argparse
import os
import shlex
import sys
import time

from . import build, images, lifecycle, network, paths
from .api import Api
from .errors import ClusterError
from .process import Processes, start_time
from .report import Report


def parser():
    top = argparse.ArgumentParser(
        prog="cluster", description="A real single-node Kubernetes on this machine, without a container engine.",
        epilog='Then: eval "$(tests/cluster/cluster env)"; kubectl get nodes')
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, text, named=True):
        sub = commands.add_parser(name, help=text, description=text)
        if named:
            sub.add_argument("--name", default="acmp", help="which cluster (default: %(default)s)")
        return sub

    up = command("up", "start the cluster, or what is missing of it")
    up.add_argument("--control-plane-only", action="store_true", help="an API without a node")
    up.add_argument("--no-images", action="store_true", help="load only what the cluster itself needs")
    down = command("down", "end the cluster and leave nothing of it behind")
    down.add_argument("--keep-data", action="store_true", help="keep its folder, so that `up` continues where it was")
    command("status", "show processes, addresses and folders; exit code 3 when it is not up")
    load = command("load-image", "build images and put them where pods find them")
    load.add_argument("image", nargs="+", metavar="NAME[:TAG]", help=f"one of {', '.join(images.names())}; TAG instead of its own")
    command("env", "print shell lines for KUBECONFIG and PATH")
    command("kubeconfig", "print the path of the administrator's kubeconfig")
    command("build", "build programs and images only", named=False)
    helm = command("helm-path", "print the path of Helm, built when missing", named=False)
    helm.add_argument("major", choices=["3", "4"])
    return top


def main(argv=None):
    options = parser().parse_args(argv)
    report = Report()
    try:
        return globals()["_" + options.command.replace("-", "_")](options, report) or 0
    except ClusterError as exc:
        print(f"cluster: {exc}", file=sys.stderr)
        if exc.detail:
            print("  " + exc.detail.replace("\n", "\n  "), file=sys.stderr)
        return 1
    except PermissionError as exc:
        print(f"cluster: no permission for {exc.filename}; run it as root", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader has seen enough (`cluster status | head`); what is left in the buffer must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("cluster: interrupted; `cluster up` continues, `cluster down` cleans up", file=sys.stderr)
        return 130


def _suffix(options):
    return "" if options.name == "acmp" else f" --name {options.name}"


def _up(options, report):
    cluster, already = lifecycle.up(options.name, report, options.control_plane_only, not options.no_images)
    if already:
        report.say(f"cluster {cluster.name} is already up")
    else:
        report.say(report.table())
        report.say(f"cluster {cluster.name} is up at {cluster.api_url}; logs are in {cluster.logs}")
    report.say(f'eval "$({sys.argv[0]} env{_suffix(options)})"; kubectl get nodes')


def _down(options, report):
    if lifecycle.down(options.name, report, options.keep_data):
        report.say(report.table())
        report.say(f"cluster {options.name} is down" + ("; its data is kept" if options.keep_data else ""))
    else:
        report.say(f"there is no cluster {options.name}")


def _found(options):
    cluster = paths.find(options.name)
    if not cluster:
        raise ClusterError(f"there is no cluster {options.name}; start it with `cluster up{_suffix(options)}`")
    return cluster


def _status(options, _report):
    cluster = _found(options)
    procs = Processes(cluster)
    healthy = True
    for name in lifecycle.wanted_processes(cluster):
        record = procs.record(name)
        healthy = healthy and bool(record)
        print(f"{name:<26}{'pid ' + str(record['pid']) + ', up ' + _age(record['pid']) if record else 'not running, see ' + str(cluster.log(name))}")
    wired = network.exists(cluster)
    ready = wired and Api(cluster).ready()
    print(f"{'API':<26}{cluster.api_url} {'ready' if ready else 'not ready'}")
    if not cluster.control_plane_only:
        print(f"{'registry':<26}http://{cluster.registry}")
        print(f"{'pods, services':<26}{cluster.pod_range}, {cluster.service_range}")
        print(f"{'containerd':<26}{cluster.containerd_socket}")
    print(f"{'namespaces':<26}{cluster.run}/ns (nsenter --net={cluster.run}/ns/net)")
    print(f"{'folder':<26}{cluster.home}")
    print(f"{'logs':<26}{cluster.logs}")
    return 0 if healthy and ready else 3


def _age(pid):
    """How long a process lives, from its start in kernel ticks (100 a second on every Linux we know)."""
    begun = start_time(pid)
    with open("/proc/uptime", encoding="utf-8") as handle:
        seconds = int(float(handle.read().split()[0]) - (begun or 0) / 100)
    return time.strftime("%H:%M:%S", time.gmtime(seconds)) if seconds < 86400 else f"{seconds // 86400} days"


def _load_image(options, report):
    for reference in lifecycle.load_images(options.name, report, options.image):
        print(reference)


def _env(options, _report):
    cluster = _found(options)
    print(f"export KUBECONFIG={shlex.quote(str(cluster.kubeconfig))}")
    print(f"export PATH={shlex.quote(str(cluster.bin))}:$PATH")
    if not cluster.control_plane_only:
        print(f"export ACMP_REGISTRY={cluster.registry}")


def _kubeconfig(options, _report):
    print(_found(options).kubeconfig)


def _build(_options, report):
    lifecycle.prepare(report)
    for name in images.DEFAULTS:
        images.ensure(report, name)


def _helm_path(options, report):
    build.ensure(report, [f"helm{options.major}"])
    print(build.helm(options.major))
