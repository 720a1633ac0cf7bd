# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API group of the platform's own kinds and of the package format."""

from __future__ import annotations

GROUP = "operators.apusic.com"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
