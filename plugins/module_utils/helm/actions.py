# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""install, upgrade, rollback, uninstall: one helm process each, which applies and runs hooks but does not wait for readiness.

We watch the objects ourselves (kube/wait.py). Values go in by standard input only. The caller holds the instance's lease
and has looked at releases.heads(); in check mode nothing is started here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..context import Context
from ..errors import AcmpError, HelmError, InputError
from . import _command, post_render, releases
from .binary import NO_VALUES_SCHEMA, Helm

if TYPE_CHECKING:
    from ..kube.client import Kube

HISTORY = 10
HOOK_SECONDS = 600
_LABEL = re.compile(r"^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")


@dataclass(frozen=True)
class Done:
    """revision: the release's newest, 0 after an uninstall. kept: objects an uninstall left, as (kind, name). seconds: helm's own time."""

    revision: int
    kept: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


def install(helm: Helm, chart_dir: str, name: str, namespace: str, values: dict[str, Any], kube: Kube, ctx: Context, *,
            labels: Mapping[str, str] | None = None, description: str = "", rules: post_render.Rules | None = None,
            hook_seconds: float = HOOK_SECONDS, server_side: bool | None = None, replace: bool = False, skip_crds: bool = True) -> Done:
    """Install a release that does not exist (releases.py says when).

    labels: of the release record, for example {"acmp-digest": ...}. rules: what the post-renderer changes, None for nothing.
    hook_seconds: for each hook. server_side: Helm 4 only; None tries it and goes on client-side, with a warning, when
    the chart is too careless for it (fields that do not exist, lists that name something twice). replace: an uninstalled or
    failed release of the name is in the history. Raises HelmError; the release is then failed or absent.
    """
    more = ["--replace"] if replace else []
    more += ["--skip-crds"] if skip_crds else []

    def attempt(by_server: bool) -> Done:
        verb = ["install", *_apply(helm, by_server), *_record(labels, description), *more]
        return _write(helm, verb, chart_dir, name, namespace, values, kube, ctx, rules, hook_seconds)

    try:
        return attempt(server_side is not False)
    except HelmError as problem:
        if server_side is not None or not _careless(helm, problem, ctx):
            raise
        head = releases.latest(releases.heads(kube, namespace, name))
        if head is not None and not replace:
            releases.forget(kube, head, ctx)
        elif head is not None:
            raise
        return attempt(False)


def upgrade(helm: Helm, chart_dir: str, name: str, namespace: str, values: dict[str, Any], kube: Kube, ctx: Context, *,
            labels: Mapping[str, str] | None = None, description: str = "", rules: post_render.Rules | None = None,
            hook_seconds: float = HOOK_SECONDS, server_side: bool | None = None, previous: releases.Release | None = None, skip_crds: bool = True) -> Done:
    """Upgrade a release whose newest revision is deployed, failed or superseded.

    The values are the whole truth: nothing of the last release's values is reused. server_side: Helm 4 only; None goes on as
    the previous release was applied (previous.apply_method), so that a chart that Helm 3 installed does not change its way
    in passing, and as in install() for a careless chart. Other arguments as in install(). Raises HelmError; the newest
    revision is then failed.
    """
    def attempt(by_server: bool) -> Done:
        verb = ["upgrade", "--reset-values", "--history-max", str(HISTORY), *_apply(helm, by_server), *_record(labels, description)]
        return _write(helm, verb + (["--skip-crds"] if skip_crds else []), chart_dir, name, namespace, values, kube, ctx, rules, hook_seconds)

    try:
        return attempt(_same_way(server_side, previous))
    except HelmError as problem:
        if server_side is not None or not _careless(helm, problem, ctx):
            raise
        return attempt(False)


def rollback(helm: Helm, name: str, namespace: str, revision: int, kube: Kube, ctx: Context, *, description: str = "",
             hook_seconds: float = HOOK_SECONDS, server_side: bool | None = None, previous: releases.Release | None = None) -> Done:
    """Make a new revision out of an old one, named by number (helm's own choice can be a failed one).

    previous: the revision gone back to, whose apply_method decides how (see upgrade). Returns the new revision's number.
    """
    if revision < 1:
        raise InputError("a rollback needs the number of a revision", where=f"release {name}", todo="name a revision that was ready")
    verb = ["rollback", "--history-max", str(HISTORY), *_apply(helm, _same_way(server_side, previous)), *helm.flags.hooks_only, *_timeout(hook_seconds)]
    if description and helm.flags.rollback_description:
        verb += ["--description", description[:500]]
    return _run(helm, [*verb, "--namespace", namespace], [name, str(revision)], name, namespace, kube, ctx, None, None, hook_seconds)


def uninstall(helm: Helm, name: str, namespace: str, kube: Kube, ctx: Context, *, keep_history: bool = False, hooks: bool = True,
              cascade: str = "background", description: str = "", hook_seconds: float = HOOK_SECONDS) -> Done:
    """Remove a release; objects whose stored manifest says keep stay and are named in the result. A missing release is no error.

    Does not wait until objects are gone. May be repeated after a failure in the middle (status uninstalling).
    """
    verb = ["uninstall", "--ignore-not-found", f"--cascade={cascade}", *helm.flags.hooks_only, *_timeout(hook_seconds)]
    if keep_history:
        verb.append("--keep-history")
    if not hooks:
        verb.append("--no-hooks")
    if description:
        verb += ["--description", description[:500]]
    return _run(helm, [*verb, "--namespace", namespace], [name], name, namespace, kube, ctx, None, None, hook_seconds)


def _apply(helm: Helm, server_side: bool) -> tuple[str, ...]:
    return helm.flags.apply_server if server_side else helm.flags.apply_client


def _same_way(server_side: bool | None, previous: releases.Release | None) -> bool:
    if server_side is not None:
        return server_side
    return previous is None or previous.apply_method == "ssa"


def _careless(helm: Helm, problem: HelmError, ctx: Context) -> bool:
    match = re.search(r"^.*(?:field not declared in schema|duplicate entries for key).*$", str(problem.details.get("helm", "")), re.MULTILINE)
    if helm.major < 4 or match is None:
        return False
    ctx.warn(f"the chart is not fit for server-side apply and is applied client-side: {match.group()[:300]}")
    return True


def _record(labels: Mapping[str, str] | None, description: str) -> list[str]:
    found: list[str] = []
    for key, value in (labels or {}).items():
        # Helm would see a comma as the next label, and "null" as a removal.
        if not _LABEL.match(value) or not re.match(r"^[A-Za-z0-9][-A-Za-z0-9_./]*$", key) or value == "null":
            raise InputError(f"{key}={value} cannot be a label", todo="use at most 63 letters, digits, - _ .")
        found += ["--labels", f"{key}={value}"]
    if description:
        found += ["--description", description[:500]]
    return found


def _timeout(seconds: float) -> tuple[str, str]:
    return "--timeout", f"{max(1, round(seconds))}s"


def _write(helm: Helm, verb: list[str], chart_dir: str, name: str, namespace: str, values: dict[str, Any], kube: Kube, ctx: Context,
           rules: post_render.Rules | None, hook_seconds: float) -> Done:
    verb += [*NO_VALUES_SCHEMA, *helm.flags.no_schema, *helm.flags.hooks_only, *_timeout(hook_seconds), "--hide-notes",
             "--namespace", namespace, "--values", "-"]
    return _run(helm, verb, [name, chart_dir], name, namespace, kube, ctx, values, rules, hook_seconds)


def _run(helm: Helm, verb: list[str], positional: list[str], name: str, namespace: str, kube: Kube, ctx: Context, values: dict[str, Any] | None,
         rules: post_render.Rules | None, hook_seconds: float) -> Done:
    if ctx.check_mode:
        raise HelmError(f"helm {verb[0]} was about to run in check mode", todo="report this: the plan should have ended here")
    started = time.time()
    with ctx.scratch() as folder:
        extra_env: dict[str, str] = {}
        if rules is not None:
            arguments, extra_env = post_render.arguments(helm, rules, folder)
            verb = [*verb, *arguments]
        verb = [*verb, *_command.connection(kube, folder), "--", *positional]
        try:
            # Helm's own time-out is per hook, ours for all of it: several hooks may each take theirs.
            done = _command.run(helm, verb, ctx, folder, values=values, extra_env=extra_env, timeout=hook_seconds * 3 + 120)
        except HelmError as problem:
            _settle(kube, namespace, name, started, problem, ctx)
            raise
    if verb[0] == "uninstall":
        return Done(0, kept_objects(done.stdout), done.seconds)
    return Done(revision_of(done.stdout) or _newest(kube, namespace, name), (), done.seconds)


def revision_of(stdout: str) -> int:
    """The number in helm's ``REVISION: 3`` line, 0 when there is none. Pure."""
    match = re.search(r"^REVISION: (\d+)$", stdout.split("\nNOTES:", 1)[0], re.MULTILINE)
    return int(match.group(1)) if match else 0


def kept_objects(stdout: str) -> tuple[tuple[str, str], ...]:
    """(kind, name) of the ``[Kind] name`` lines of an uninstall. Pure."""
    return tuple(re.findall(r"^\[([A-Za-z0-9]+)\] (\S+)\s*$", stdout, re.MULTILINE))


def _newest(kube: Kube, namespace: str, name: str) -> int:
    head = releases.latest(releases.heads(kube, namespace, name))
    return head.revision if head else 0


def _settle(kube: Kube, namespace: str, name: str, started: float, problem: HelmError, ctx: Context) -> None:
    """Helm is gone; if the revision it made still says pending (a rollback whose hook failed, a helm we had to end), say failed.

    Only for a revision written since we started: an older one is not ours to judge, and helm's refusal because of one says
    that there is none of ours (times are whole seconds). Never hides helm's own error.
    """
    if re.search(r"another operation|cannot re-?use a name", str(problem.details.get("helm", ""))):
        return
    try:
        head = releases.latest(releases.heads(kube, namespace, name))
        if head is not None and releases.stuck(head) and head.status != "uninstalling" and head.changed >= int(started):
            releases.mark_failed(kube, head, ctx, f"helm ended while the release was {head.status}")
    except AcmpError as trouble:
        ctx.warn(f"release {name} may be stuck: {trouble.what}")
