# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx settings of the pages that tests/tools/docs writes."""

from __future__ import annotations

project = "acmp.middleware"
# The field's name is Sphinx's.
copyright = "2026, acmp.middleware contributors"  # pylint: disable=redefined-builtin
extensions = ["sphinx_antsibull_ext", "myst_parser"]
html_theme = "sphinx_ansible_theme"
html_title = "acmp.middleware"
html_use_smartypants = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
# Pages of other collections are not built here, and the build reads nothing from the network: references to them stay
# text. antsibull-docs has checked before that they exist. Links from a guide to a source file are checked by links.py.
suppress_warnings = ["ref.ref", "myst.xref_missing"]
nitpicky = False
