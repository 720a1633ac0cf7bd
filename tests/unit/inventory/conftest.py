# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin as Ansible loads it, with instances that no cluster is asked for."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace

import pytest
import yaml
from ansible import constants
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache
from ansible.template import Templar
from ansible_collections.acmp.middleware.plugins.inventory import instances
from ansible_collections.acmp.middleware.plugins.module_utils.look import instances as look
from ansible_collections.kubernetes.core.plugins.doc_fragments import k8s_auth_options

NAME = instances.InventoryModule.NAME


def instance(name: str = "cache", namespace: str = "shop", **more) -> dict:
    return {
        "name": name, "namespace": namespace, "cluster": "local", "project": "default", "package": "redis", "version": "1.0.0", "type": "default",
        "phase": "Ready", "endpoints": [], "secrets": [], "document": "spec: {}", **more,
    }


@pytest.fixture(autouse=True, scope="session")
def _documented():
    options: dict = {}
    for fragment in (constructed, inventory_cache, k8s_auth_options):
        options.update(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
    options.update(yaml.safe_load(instances.DOCUMENTATION)["options"])
    constants.config.initialize_plugin_configuration_definitions("inventory", NAME, options)


class Cluster:
    """What there is, what was asked for, and what a look ends with."""

    def __init__(self) -> None:
        self.instances, self.asked, self.error, self.warning = [instance()], [], None, ""
        self.options = self.act_as = None

    def info(self, options, act_as, query, ctx):
        self.options, self.act_as = options, act_as
        self.asked.append(query)
        if self.error:
            raise self.error
        if self.warning:
            ctx.warn(self.warning)
        spaces = query["namespace"]
        return [one for one in self.instances if spaces in (None, one["namespace"]) and query["cluster"] in (look.ALL, one["cluster"])]


@pytest.fixture
def cluster(monkeypatch) -> Cluster:
    one = Cluster()
    monkeypatch.setattr(look, "info", one.info)
    return one


@pytest.fixture
def parsed(tmp_path, cluster, monkeypatch):
    """A function: the inventory of a source with these options; anew: as with --flush-cache, variables: extra vars."""

    def parse(anew: bool = False, variables: dict | None = None, path: str = "x.acmp.yml", text: str = "", **options) -> SimpleNamespace:
        source = tmp_path / path
        source.write_text(text or json.dumps({"plugin": NAME, **options}))
        monkeypatch.setattr("ansible.plugins.inventory.load_extra_vars", lambda loader: variables or {})
        plugin = instances.InventoryModule()
        plugin._load_name = plugin.ansible_name = NAME
        plugin._redirected_names = None
        shown: list[str] = []
        plugin.display = SimpleNamespace(warning=shown.append)
        data, loader = InventoryData(), DataLoader()
        plugin.parse(data, loader, str(source), not anew)
        # As Ansible does; without a cache there is nothing to update.
        with contextlib.suppress(AttributeError):
            plugin.update_cache_if_changed()
        return SimpleNamespace(
            hosts={name: host.get_vars() for name, host in data.hosts.items()}, warnings=shown, loader=loader,
            groups={name: sorted(host.name for host in group.get_hosts()) for name, group in data.groups.items() if name not in ("all", "ungrouped")})

    return parse


@pytest.fixture
def evaluated():
    """A function: what a template of a playbook makes of a host's variables."""
    trust = instances._ours

    def evaluate(found: SimpleNamespace, host: str, template: str):
        return Templar(found.loader, variables=found.hosts[host]).template(trust(template))

    return evaluate
