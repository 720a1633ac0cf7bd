# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One helm command: its environment, its connection, its values, and its failures in words."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from ..context import Context
from ..errors import HelmError, InputError
from . import _process
from .binary import Helm

if TYPE_CHECKING:
    from ..kube.client import Kube

# What of the caller's environment helm needs. All else stays out: HELM_* and KUBECONFIG would change where and what it
# works on, and secrets of a job's environment are none of its business.
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
           "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "GOMAXPROCS", "GODEBUG")

# YAML refuses these raw, where JSON allows them; \u is the same escape in both (outside the basic plane it is not).
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

ERROR_LIMIT = 4000

# What helm says -> (what it means, what to do). The first that matches wins; the text after "Error:" is always told too.
_MEANINGS = (
    (r"another operation \(install/upgrade/rollback\) is in progress",
     "the release is in the middle of another operation, or one that died", "wait for it, or recover the instance"),
    (r"cannot re-?use a name", "a release of this name exists", "upgrade it, or choose another name"),
    (r"has no deployed releases", "the release was never deployed, or is being removed", "recover or remove it, then deploy again"),
    (r"exists and cannot be imported into the current release",
     "an object of that name exists and belongs to something else", "remove or rename it, or choose another instance name"),
    (r"values don't meet the specifications of the schema", "the values break the chart's schema", "correct the values named"),
    (r"duplicate entries for key", "a list of the chart names something twice, which server-side apply refuses", "correct the template, or use Helm 3"),
    (r"field not declared in schema|unknown field", "the chart sets a field that the kind does not have", "correct the template"),
    (r"missing in charts/ directory", "the chart lacks charts it depends on", "run helm dependency build before packing it"),
    (r"chart requires kubeVersion", "the chart is not made for this version of Kubernetes", "choose another version of the package"),
    (r"no matches for kind|resource mapping not found|ensure CRDs are installed first",
     "the chart uses a kind that this cluster does not have", "install its custom resource definition first"),
    (r"Too long: may not be more than 1048576", "values and objects together are larger than the 1 MiB that Helm can record",
     "give less: large texts belong into a ConfigMap or Secret of your own that the values name"),
    (r"is forbidden: exceeded quota", "the namespace's quota does not allow it", "ask for less, or have the quota raised"),
    (r"is forbidden: |forbidden: User", "the caller lacks a right, or the cluster's policy says no", "ask a manager"),
    (r"cluster unreachable|connection refused|no such host|i/o timeout", "helm could not reach the cluster", "check address and network"),
    (r"hooks? failed|BackoffLimitExceeded|failed (pre|post)-install", "a hook of the chart failed", "look at the logs of its Job"),
    (r"timed out waiting|context deadline exceeded", "a hook of the chart did not end in time", "look at the logs of its Job, or allow more time"),
    (r"template: |parse error|execution error|YAML parse error", "the chart cannot be rendered with these values", "correct the values or the template named"),
)


def environment(ctx: Context, folder: str) -> dict[str, str]:
    """The child's whole environment: homes inside the scratch folder, so that nothing of the user's machine leaks in."""
    chosen = {name: ctx.env[name] for name in _PASSED if ctx.env.get(name)}
    chosen.setdefault("PATH", os.defpath)
    plugins = os.path.join(folder, "plugins")
    os.makedirs(plugins, mode=0o700, exist_ok=True)
    chosen.update(
        HOME=folder,
        HELM_CACHE_HOME=os.path.join(folder, "cache"),
        HELM_CONFIG_HOME=os.path.join(folder, "config"),
        HELM_DATA_HOME=os.path.join(folder, "data"),
        HELM_PLUGINS=plugins,
        HELM_DRIVER="secret",
        HELM_NO_PLUGINS="1",
        KUBECACHEDIR=os.path.join(folder, "kube"),
        NO_COLOR="1",
    )
    return chosen


def connection(kube: Kube, folder: str) -> list[str]:
    """Arguments that name the cluster and, when somebody is acted for, whom."""
    found = ["--kubeconfig", kube.write_kubeconfig(folder)]
    user, groups = kube.impersonation or ("", ())
    if user:
        found += ["--kube-as-user", user]
        for group in groups or ():
            found += ["--kube-as-group", group]
    return found


def values_input(values: dict[str, Any] | None) -> bytes:
    """Values as JSON that is YAML as well, for ``--values -``. Raises InputError for what JSON cannot say."""
    try:
        text = json.dumps(values or {}, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    except (TypeError, ValueError, RecursionError):
        raise InputError("the values cannot be written as JSON", todo="use text, numbers, booleans, lists and mappings only") from None
    text = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return _SURROGATE.sub("\ufffd", text).encode()


def run(helm: Helm, verb: list[str], ctx: Context, folder: str, values: dict[str, Any] | None = None, extra_env: dict[str, str] | None = None,
        timeout: float | None = None, memory: int | None = None, check: bool = True) -> _process.Completed:
    """Run helm and return what it said. values None: no standard input. check: raise HelmError for every exit status but 0."""
    env = {**environment(ctx, folder), **(extra_env or {})}
    data = None if values is None else values_input(values)
    done = _process.run([helm.path, *verb], ctx, input=data, env=env, timeout=timeout, memory=memory, cwd=folder)
    for line in warnings(done.stderr):
        ctx.warn(ctx.secrets.mask(line))
    if check and done.code != 0:
        raise failure(verb[0], done.code, done.stderr or done.stdout, ctx)
    return done


def failure(verb: str, code: int, stderr: str, ctx: Context) -> HelmError:
    """Helm's complaint with the useful line first; details.helm holds it whole (masked, at most 4000 characters)."""
    text = ctx.secrets.mask(error_text(stderr))
    first = text.split("\n", 1)[0]
    if not first:
        first = f"helm ended with status {code}" if code > 0 else f"helm was ended by signal {-code}"
    meaning, todo = next(((what, do) for pattern, what, do in _MEANINGS if re.search(pattern, text)), ("", "read helm's message"))
    message = f"helm {verb}: {meaning}: {first}" if meaning else f"helm {verb}: {first}"
    return HelmError(_shorten(message), todo=todo, details={"helm": text[:ERROR_LIMIT], "exit_status": code})


def error_text(stderr: str) -> str:
    """The part of helm's standard error that tells what went wrong, without log lines and the words every error begins with. Pure."""
    lines = [line.rstrip() for line in stderr.splitlines() if line.strip()]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error: ")), None)
    if start is None:
        chosen = [line for line in lines if not _is_log(line)] or lines
    else:
        chosen = [line for line in lines[start:] if not _is_log(line) and not line.startswith("Use --debug flag")]
    text = "\n".join(chosen)
    return re.sub(r"^Error: (?:(?:INSTALLATION|UPGRADE) FAILED: )?", "", text).strip()


def warnings(stderr: str) -> list[str]:
    """Warnings of the API server and of helm that a person should see (klog's warnings.go, Helm 4's level=WARN). Pure."""
    found = []
    for line in stderr.splitlines():
        match = re.match(r'[IWE]\d{4} [\d:.]+ +\d+ warnings\.go:\d+\] "?(?:Warning: )?(.+?)"?$', line)
        if match:
            found.append(match.group(1).replace('\\"', '"'))
            continue
        match = re.match(r'(?:time=\S+ )?level=WARN msg=(?:"((?:[^"\\]|\\.)*)"|(\S+))(.*)', line)
        if match and not re.search(r"(upgrade|install|rollback) .*failed|exists on cluster but not in original|failed to load plugin", line, re.IGNORECASE):
            found.append(f"helm: {(match.group(1) or match.group(2) or '').strip()}{match.group(3)}")
    return list(dict.fromkeys(found))


def _is_log(line: str) -> bool:
    return bool(re.match(r"(?:time=\S+ )?level=(?:DEBUG|INFO|WARN|ERROR) |[IWE]\d{4} \d\d:\d\d|WARNING: |Release .+ has been cancelled", line))


def _shorten(text: str) -> str:
    return text if len(text) <= 1000 else text[:997] + "..."
