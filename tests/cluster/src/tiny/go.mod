// Copyright: (c) 2026, acmp.middleware contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

module acmp.middleware/tests/cluster/tiny

go 1.21
