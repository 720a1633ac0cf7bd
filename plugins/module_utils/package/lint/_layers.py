# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the linter beyond reading, in the order they run."""

from __future__ import annotations

from . import (
    _actions,
    _chart,
    _crds,
    _credentials,
    _defaults,
    _descriptors,
    _examples,
    _exposure,
    _graph,
    _images,
    _monitoring,
    _names,
    _podsecurity,
    _promql,
    _readme,
    _rendered,
    _rights,
    _storage,
    _templates,
    _values,
    _workloads,
)

# Each has RULES and check(package, report, options): what the files of a package say.
FILES: tuple = (_chart, _templates, _values, _defaults, _readme, _promql, _actions, _crds, _examples, _descriptors, _graph, _names)
# Each has RULES and check(objects, package, report, options): what its raw/ becomes, for each instance type.
OBJECTS: tuple = (_images, _rights, _storage, _exposure, _podsecurity, _workloads, _rendered, _credentials)
# Each has RULES and check(renderings, package, report, options): what all instance types deploy together.
RENDERINGS: tuple = (_monitoring,)
