#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_resource_report
short_description: Report on clusters, workspaces and quotas
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Shows what the clusters have, what the quotas of the workspaces promise of it, what is used of each quota, and how many instances there are,
    the fullest first.
  - Returns that as data and as a text table, and writes it as an HTML page where O(dest) is given. The page holds all it shows. It loads nothing,
    sends nothing and runs no script, and can be mailed, printed, put on a web server, or opened from disk.
  - All clusters are looked at side by side. One that does not answer is shown as such, with the workspaces that the projects know of, and does not
    hold up the others.
  - A page that would differ in the time of its making alone is left as it is.
options:
  clusters:
    description: Names of the clusters to report on, all of them where this is left out.
    type: list
    elements: str
  projects:
    description: Names of the projects whose workspaces to report on, all of them where this is left out.
    type: list
    elements: str
  dest:
    description:
      - Where the page goes. In a folder that exists it is named C(resources.html), everything else is the file itself.
      - Nothing is written where this is left out.
    type: path
  mode:
    description: Mode of the page, as four octal digits in quotes. Without it a new file gets what the umask leaves, and an old one keeps its own.
    type: str
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_cluster_info
  - module: acmp.middleware.acmp_workspace_info
  - module: acmp.middleware.acmp_quota_info
"""

EXAMPLES = r"""
- name: How full is it
  acmp.middleware.acmp_resource_report:
  register: found

- name: Show the table
  ansible.builtin.debug:
    msg: "{{ found.table.splitlines() }}"

- name: A page for everybody, of two projects
  acmp.middleware.acmp_resource_report:
    projects: [orders, billing]
    dest: /srv/www/resources.html
    mode: "0644"

- name: Name the workspaces that are nearly full
  ansible.builtin.debug:
    msg: "{{ found.report.workspaces | selectattr('fullest') | selectattr('fullest.percent', 'ge', 80) | map(attribute='name') }}"
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode.
  returned: success
  type: list
  elements: str
  sample: ["write /srv/www/resources.html (24 KiB, sha256 5f3a1c9be07d)"]
report:
  description: The report as data. Amounts are texts as Kubernetes writes them, shares are in percent.
  returned: success
  type: dict
  contains:
    made_at: {description: Time of the report in UTC., type: str, returned: always, sample: "2026-01-31T12:00:00Z"}
    projects: {description: "The projects asked for, empty for all.", type: list, elements: str, returned: always, sample: []}
    summary:
      description:
        - Numbers of clusters, clusters_not_ready, projects, workspaces, instances, workspaces that are full (95 % of a quota or more) and nearly_full (80 %),
          those without_quota, those whose quotas are unknown, and credentials_ended.
      type: dict
      returned: always
      sample: {clusters: 2, clusters_not_ready: 0, projects: 4, workspaces: 5, instances: 21, full: 1, nearly_full: 1, without_quota: 1, unknown: 0,
               credentials_ended: 0}
    clusters:
      description: The clusters. Those that are not ready come first, then the fullest.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name of the cluster., type: str, returned: always, sample: local}
        description: {description: A sentence about it., type: str, returned: always, sample: Production}
        phase: {description: "V(Ready), V(NotReady), V(Unreachable), V(Refused) or V(Unknown).", type: str, returned: always, sample: Ready}
        message: {description: Why it is not ready., type: str, returned: always, sample: ""}
        live: {description: Whether its figures are of now., type: bool, returned: always, sample: true}
        observed_at: {description: Time of its figures in UTC., type: str, returned: always, sample: "2026-01-31T12:00:00Z"}
        version: {description: Version of Kubernetes., type: str, returned: always, sample: v1.34.2}
        nodes: {description: Numbers of nodes that are ready and in total., type: dict, returned: always, sample: {ready: 3, total: 3}}
        credential_warning: {description: "When its credential ends, empty while that is far.", type: str, returned: always, sample: ""}
        workspaces: {description: Number of the workspaces on it., type: int, returned: always, sample: 5}
        instances: {description: "Number of all instances on it, null where that is not known.", type: int, returned: always, sample: 21}
        resources:
          description:
            - For each resource what nodes can give (allocatable), what pods or claims ask for (requested), what is in use (used), what the quotas of the
              workspaces reported add up to (promised), what is left to request (free), and the shares of requested, used and promised in percent.
            - Null is not known.
          type: dict
          returned: always
          sample: {cpu: {allocatable: "48", requested: 22080m, used: 13700m, promised: "4", free: 25920m,
                         percent: {requested: 46.0, used: 28.5, promised: 8.3}}}
    workspaces:
      description: The workspaces, the fullest first.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name of the workspace., type: str, returned: always, sample: shop}
        cluster: {description: Its cluster., type: str, returned: always, sample: local}
        project: {description: Its project., type: str, returned: always, sample: default}
        description: {description: A sentence about it., type: str, returned: always, sample: Orders of the web shop}
        state: {description: "V(Active), V(Terminating), or V(Unknown) on a cluster that does not answer.", type: str, returned: always, sample: Active}
        instances: {description: "Number of instances in it, null where that is not known.", type: int, returned: always, sample: 4}
        credential_days: {description: "Days until its credential ends, null where it has none.", type: float, returned: always, sample: 6.2}
        fullest: {description: "The resource of which the largest share is used, null without a quota.", type: dict, returned: always,
                  sample: {resource: requests.memory, percent: 84.4}}
        quota:
          description:
            - Used of hard for each resource, with percent and the name of the ResourceQuota. Of several that bound a resource the fullest stands here.
            - Empty without a quota, null where quotas may not be read or the cluster does not answer.
          type: list
          elements: dict
          returned: always
          sample: [{resource: requests.cpu, hard: "4", used: 1500m, percent: 37.5, quota: acmp}]
table:
  description: The report as text for people.
  returned: success
  type: str
  sample: "2026-01-31T12:00:00Z: 1 cluster, 1 project, 1 workspace, 4 instances. No workspace is nearly full.\n"
page:
  description: Path of the page.
  returned: when O(dest) is given
  type: str
  sample: /srv/www/resources.html
size:
  description: Size of the page in bytes.
  returned: when O(dest) is given
  type: int
  sample: 24576
"""

from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module
from ansible_collections.acmp.middleware.plugins.module_utils.report import resources

SPEC = {
    "argument_spec": argument_spec(
        clusters={"type": "list", "elements": "str"},
        projects={"type": "list", "elements": "str"},
        dest={"type": "path"},
        mode={"type": "str"},
    ),
    "required_by": {"mode": ("dest",)},
    "supports_check_mode": True,
}


def run(params, ctx):
    return resources.make(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
