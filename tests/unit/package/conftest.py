# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no defect of the code; tests that mean time measure the processor's.
settings.register_profile("package", deadline=None)
settings.load_profile("package")

# Thousands of samples of data: what they try is the same in every lane.
HERE = Path(__file__).resolve().parent
ONCE = ("test_form", "test_page", "test_regex", "test_status_view", "test_structural", "test_widgets")


def pytest_collection_modifyitems(items):
    for item in items:
        path = Path(item.fspath)
        if HERE / "lint" in path.parents or path.parent == HERE and path.name.startswith(ONCE):
            item.add_marker(pytest.mark.once)
