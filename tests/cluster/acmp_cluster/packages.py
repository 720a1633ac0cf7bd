# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages: installed only when missing, and without starting the services that come with some of them."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from .errors import ClusterError
from .paths import cache, locked
from .process import run

CONTROL_PLANE = ("ca-certificates", "iproute2", "openssl", "util-linux")
NODE = CONTROL_PLANE + (
    "containerd", "runc", "containernetworking-plugins", "iptables", "conntrack", "ethtool", "socat", "mmdebstrap", "docker-registry", "skopeo")
POLICY = Path("/usr/sbin/policy-rc.d")


def missing(names):
    """Those of the packages that are not installed; one look into dpkg's status file, because asking dpkg costs a process."""
    installed = set()
    try:
        with open("/var/lib/dpkg/status", encoding="utf-8", errors="replace") as handle:
            name = ""
            for line in handle:
                if line.startswith("Package: "):
                    name = line[9:].strip()
                elif line.startswith("Status: ") and line.split()[-1] == "installed":
                    installed.add(name)
    except FileNotFoundError as exc:
        raise ClusterError("this machine is not a Debian (no /var/lib/dpkg/status); "
                           "run the cluster on Debian 12 or set ACMP_KUBECONFIG to another one") from exc
    return [name for name in names if name not in installed]


def ensure(report, names):
    """Install what is missing; asks nothing and starts nothing."""
    if not missing(names):
        return
    if os.geteuid() != 0:
        raise ClusterError(f"the Debian packages {' '.join(missing(names))} are missing; run as root, or install them with apt-get")
    with locked(cache() / ".apt.lock", lambda: report.say("waiting for another installation of packages to end")):
        wanted = missing(names)
        if not wanted:
            return
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with report.long(f"installing Debian packages {' '.join(wanted)} (first time only, about 30 s)"), _no_services():
            lock = ["-o", "DPkg::Lock::Timeout=300"]
            run(["apt-get", *lock, "-qq", "update"], "updating the list of Debian packages", env=environment)
            run(["apt-get", *lock, "-qq", "-y", "--no-install-recommends", "install", *wanted], "installing Debian packages", env=environment, timeout=1800)


@contextlib.contextmanager
def _no_services():
    """Debian's own switch against starting services: a policy file that says no, for the time of the installation."""
    if POLICY.exists():
        saved = POLICY.with_name("policy-rc.d.acmp-cluster-saved")
        shutil.copy2(POLICY, saved)
    else:
        saved = None
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        if saved:
            os.replace(saved, POLICY)
        else:
            POLICY.unlink(missing_ok=True)
        # Their units were enabled by the installation and would start at the next boot, on the machine's own addresses.
        if Path("/run/systemd/system").is_dir():
            for unit in ("containerd", "docker-registry"):
                subprocess.run(["systemctl", "disable", "--quiet", unit], stdin=subprocess.DEVNULL, capture_output=True, check=False)
