# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_variables
short_description: Name extra variables that no playbook of this collection knows
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Looks at the extra variables of the run (C(-e)) that begin with C(acmp_) and returns those that none of this collection's playbooks knows.
  - Each is named with the nearest known one. A misspelt optional variable would else be left out without a word.
  - Variables of the inventory, and those that plays set, are not looked at.
options: {}
"""

EXAMPLES = r"""
- name: Stop where a variable is misspelt
  ansible.builtin.assert:
    that: query('acmp.middleware.unknown_variables') | length == 0
"""

RETURN = r"""
_raw:
  description: One text for each unknown variable.
  type: list
  elements: str
  sample: ['acmp_namespce (did you mean "acmp_namespace"?)']
"""

import functools
import re
from pathlib import Path

from ansible.plugins.lookup import LookupBase
from ansible.utils.vars import load_extra_vars
from ansible_collections.acmp.middleware.plugins.module_utils.errors import nearest

_PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
_NAME = re.compile(r"\bacmp_[a-z0-9_]+")
# What tasks read that no playbook names.
_OTHERS = ("acmp_in_process",)


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        return unknown(load_extra_vars(self._loader))


def unknown(given):
    """A text for each name of a mapping that begins with acmp_ and that no playbook knows, by name."""
    known = _known()
    return [f"{name} ({nearest(name, known)})" for name in sorted(map(str, given)) if name.startswith("acmp_") and name not in known]


@functools.cache
def _known() -> frozenset[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(_PLAYBOOKS.glob("*.yml"))]
    return frozenset([*_OTHERS, *(name for text in texts for name in _NAME.findall(text))])
