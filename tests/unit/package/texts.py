# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that many samples begin with."""

from __future__ import annotations

_CSV = """\
apiVersion: operators.apusic.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: %s}
spec:
  installModes: []
  customresourcedefinitions:
    owned:
"""
HELM_CSV = _CSV % "redis" + "      - {name: helmreleases.operators.apusic.com, kind: HelmRelease, version: v1alpha1, description: x}\n"
# The owned kind goes on: keys may follow, eight blanks deep.
ETCD_CSV = _CSV % "etcd" + """\
      - name: etcds.db.example.com
        kind: Etcd
        version: v1
        description: x
"""
