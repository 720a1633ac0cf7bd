# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options that every module of the collection takes beside those of the connection."""

    DOCUMENTATION = r"""
options:
  act_as:
    description:
      - Act with the rights of somebody else, by Kubernetes impersonation, in every request and every start of Helm.
      - So that one credential, for example of AWX, can serve many people and yet each has only their own rights.
        The credential needs the verb C(impersonate) for that user and those groups.
    type: dict
    suboptions:
      user:
        description: Name of the user, or C(system:serviceaccount:NAMESPACE:NAME).
        type: str
        required: true
      groups:
        description: Groups of the user.
        type: list
        elements: str
requirements:
  - Python 3.11 or newer
  - PyYAML, kubernetes, urllib3, jsonschema and semantic_version on the controller
notes:
  - Runs inside the Ansible process where the connection is local, C(become) is off and the task is not asynchronous, which is about ten times
    faster than a module. Set the variable C(acmp_in_process) to V(false) to run it as a module nevertheless.
"""
