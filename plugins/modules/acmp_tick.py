#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_tick
short_description: Do the due work of the middleware platform
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Does what is due now and nothing else. Nothing runs in the background by itself, so let something call it again and again, for example
    cron, a schedule of AWX, or the CronJob that M(acmp.middleware.acmp_setup) makes.
  - Each duty is done for itself. One that fails hinders no other, and at the end the task fails and names it.
  - A cluster that does not answer is a warning, and costs seconds only.
  - Only one run ticks at a time. A second one waits a moment; when the first still goes on then, it does nothing, says who is at it, and is no failure.
  - What was done last is kept in the ConfigMap C(acmp-tick) of the namespace C(acmp-system).
  - The caller has to be a manager.
options:
  duties:
    description:
      - What to look after. Everything where it is not given or empty. The order is always this one.
      - V(cluster_credentials) exchanges the tokens through which the platform works on registered clusters, before they end.
      - V(workspace_credentials) exchanges the tokens of workspaces, and removes the rights to those that are gone.
      - V(status) measures every cluster and writes it into its record.
      - V(expiry) warns of credentials that end soon.
      - V(operations) deletes the records of finished operations that are old or many.
    type: list
    elements: str
    choices: [cluster_credentials, workspace_credentials, status, expiry, operations]
  operations_days:
    description: Days for which the record of a finished operation stays, counted from its begin. The newest one of each instance always stays.
    type: int
    default: 30
  operations_keep:
    description: Number of operations of each instance of which the records stay.
    type: int
    default: 50
  warn_days:
    description:
      - Days before its end from which a credential is warned of. Credentials that the platform exchanges itself are spoken of only
        when the exchange is overdue.
    type: int
    default: 14
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
attributes:
  diff_mode:
    description: There is nothing to compare. C(actions) tells what is done.
    support: none
notes:
  - The measured status of clusters and the record of the tick itself are written every time and do not count as changed.
  - Check mode measures no cluster. It goes by what was measured last.
seealso:
  - module: acmp.middleware.acmp_setup
"""

EXAMPLES = r"""
- name: Do what is due
  acmp.middleware.acmp_tick:

- name: Show what would be exchanged and deleted
  acmp.middleware.acmp_tick:
  check_mode: true

- name: Keep records of operations for a year, but no more than 500 of an instance
  acmp.middleware.acmp_tick:
    duties: [operations]
    operations_days: 365
    operations_keep: 500
"""

RETURN = r"""
actions:
  description: What was exchanged or deleted, or would be in check mode, in this order.
  returned: success, and when a duty failed
  type: list
  elements: str
  sample: ["delete 12 Operations of instance shop/orders-db"]
tick:
  description: What this run did.
  returned: success, and when a duty failed
  type: dict
  contains:
    outcome: {description: "V(ok), V(failed), or V(skipped) where another run was at it.", type: str, returned: always, sample: ok}
    started: {description: When it began., type: str, returned: always, sample: "2026-01-31T12:00:00Z"}
    seconds: {description: How long it took., type: float, returned: always, sample: 3.2}
    holder: {description: Host and process of the run that was at it., type: str, returned: when skipped, sample: "tick-29000000-x7k2p/1"}
    since: {description: Since when it was., type: str, returned: when skipped, sample: "2026-01-31T12:00:00.000000Z"}
    duties:
      description: Each duty in its order.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name of the duty., type: str, returned: always, sample: status}
        outcome: {description: "V(ok) or V(failed).", type: str, returned: always, sample: ok}
        seconds: {description: How long it took., type: float, returned: always, sample: 0.4}
        actions: {description: What it did., type: list, elements: str, returned: always, sample: []}
        warnings: {description: What somebody should know., type: list, elements: str, returned: always, sample: ["cluster east is Unreachable: no answer"]}
        failures: {description: What went wrong., type: list, elements: str, returned: always, sample: []}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module
from ansible_collections.acmp.middleware.plugins.module_utils.tick import tick

SPEC = {
    "argument_spec": argument_spec(
        duties={
            "type": "list", "elements": "str", "choices": ["cluster_credentials", "workspace_credentials", "status", "expiry", "operations"],
        },
        operations_days={"type": "int", "default": 30},
        operations_keep={"type": "int", "default": 50},
        warn_days={"type": "int", "default": 14},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return tick.run(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
