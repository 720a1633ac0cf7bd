# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kustomize, by itself or inside kubectl: which one there is, and what it makes of a folder, with bounds.

A kustomization comes from a package and gets a minute, 2 GB, no plugins, no charts, no files outside of its folder and no network: no program
is on its PATH, git among them, and its proxy does not answer. What names an address is refused before (package/kustomizations.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass

from ..context import Context
from ..errors import HelmError, KustomizeError
from . import _process, binary

OLDEST = (5, 0)
INSTALL = "install kustomize 5 or newer, or kubectl 1.27 or newer, and put it on PATH"
SECONDS = 60.0
MEMORY = 2 * 1024 * 1024 * 1024
# Port 9 discards: whatever is asked of it, there is no answer.
_NOWHERE = "http://127.0.0.1:9"
_SHOWN = 1500


@dataclass(frozen=True)
class Kustomize:
    """path: absolute. version: of kustomize, "5.7.1". inside: whether it is kubectl's."""

    path: str
    version: str
    inside: bool

    @property
    def title(self) -> str:
        return f"kustomize {self.version}{' of kubectl' if self.inside else ''}"


def find(ctx: Context, path: str | None = None) -> Kustomize:
    """The program to build with: path, else ``kustomize``, else ``kubectl`` on the PATH of ctx.env.

    Its version is asked once and remembered as Helm's is. Raises KustomizeError when there is none, or it is older than 5.0.
    """
    search = ctx.env.get("PATH") or os.defpath
    for name in [os.path.expanduser(path)] if path else ["kustomize", "kubectl"]:
        found = shutil.which(name, path=search)
        if found:
            break
    else:
        what = f"{path} is not an executable file" if path else "neither kustomize nor kubectl is on PATH"
        raise KustomizeError(what, where=path or "PATH", todo=INSTALL)
    found = os.path.abspath(found)
    inside = os.path.basename(found).startswith("kubectl")
    text = binary.remembered(ctx, found, lambda: _ask(found, inside, ctx))
    version = _version(text, found)
    if version[:2] < OLDEST:
        raise KustomizeError(f"kustomize {text} is too old", where=found, todo=INSTALL)
    return Kustomize(found, ".".join(map(str, version)), inside)


def build(kustomize: Kustomize, folder: str, ctx: Context) -> str:
    """The manifests that the kustomization in a folder becomes, as YAML text; starts one process.

    folder: absolute, its files checked by package/kustomizations.py. Raises KustomizeError for what cannot be built, or beyond SECONDS and MEMORY.
    """
    argv = [kustomize.path, "kustomize" if kustomize.inside else "build", "--load-restrictor=LoadRestrictionsRootOnly"]
    argv += ["--enable-alpha-plugins=false", "--enable-helm=false", folder]
    with ctx.scratch() as scratch:
        try:
            done = _process.run(argv, ctx, env=_environment(ctx, scratch), timeout=SECONDS, memory=MEMORY, cwd=scratch)
        except HelmError as error:
            raise KustomizeError(error.what.replace("helm ", "kustomize ", 1), where=kustomize.path, todo="look at the size of the package's files") from None
    if done.code != 0:
        said = ctx.secrets.mask(_complaint(done.stderr or done.stdout, folder)) or f"it ended with status {done.code}"
        raise KustomizeError(f"kustomize cannot build it: {said[:_SHOWN]}", todo="correct the file it names")
    return done.stdout


def _environment(ctx: Context, scratch: str) -> dict[str, str]:
    empty = os.path.join(scratch, "empty")
    os.makedirs(empty, mode=0o700)
    chosen = {name: ctx.env[name] for name in ("LANG", "LC_ALL", "TZ", "GOMAXPROCS", "GODEBUG") if ctx.env.get(name)}
    proxies = {name: _NOWHERE for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")}
    return {**chosen, **proxies, "PATH": empty, "HOME": scratch, "TMPDIR": scratch, "KUBECONFIG": os.devnull, "KUBERC": "off"}


def _ask(path: str, inside: bool, ctx: Context) -> str:
    argv = [path, "version", "--client", "--output", "json"] if inside else [path, "version"]
    done = _process.run(argv, ctx, env={"PATH": os.defpath, "HOME": "/nonexistent", "KUBECONFIG": os.devnull}, timeout=30)
    text = done.stdout.strip()
    if inside:
        try:
            text = str(json.loads(text)["kustomizeVersion"])
        except (ValueError, KeyError, TypeError):
            text = ""
    # Version 3 says {Version:kustomize/v3.8.1 ...}.
    match = re.search(r"v?\d+\.\d+(?:\.\d+)?", text)
    if done.code != 0 or not match:
        line = (done.stderr.strip() or f"exit status {done.code}").splitlines()[0][:200]
        raise KustomizeError(f"kustomize does not run, or does not say its version: {line}", where=path, todo=INSTALL)
    return match.group()


def _version(text: str, path: str) -> tuple[int, ...]:
    try:
        return binary.parse_version(text)
    except HelmError:
        raise KustomizeError(f"kustomize says a version that cannot be read: {text[:60]!r}", where=path, todo=INSTALL) from None


def _complaint(stderr: str, folder: str) -> str:
    """The lines that tell what is wrong, with paths as the package has them."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not line.startswith(("#", "I0", "W0"))]
    errors = [line for line in lines if line.lower().startswith("error")] or lines
    text = re.sub(r"^[Ee]rror: ", "", " ".join(errors))
    # How it came to the file is told before, several times over.
    text = re.sub(r"^.*recursed accumulation of path '[^']*': ", "", text)
    above = os.path.dirname(folder)
    for path in (folder, os.path.realpath(folder), above, os.path.realpath(above)):
        text = text.replace(f"{path}/", "").replace(path, "the package")
    return text
