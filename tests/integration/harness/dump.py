# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a namespace when a test failed: objects, events and the last words of its pods, as one file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.api import Api, Refused


def dump(api: Api, namespace: str, target: Path) -> Path:
    """Writes it and returns the file. Data of Secrets is left out."""
    lines = [f"# namespace {namespace}", "", "## events"]
    events = sorted(api.core("events", namespace), key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
    for event in events:
        about = event["involvedObject"]
        when = event.get("lastTimestamp") or event.get("eventTime") or ""
        lines.append(f"{when}  {event.get('type', ''):7} {about['kind']}/{about['name']}  {event.get('reason', '')}: {event.get('message', '')}")
    for pod in api.core("pods", namespace):
        name = pod["metadata"]["name"]
        for container in pod.get("status", {}).get("containerStatuses") or []:
            lines += ["", f"## log of {name}, container {container['name']}: {json.dumps(container.get('state'))}, restarts {container['restartCount']}"]
            for previous in ("true", "false"):
                try:
                    lines.append(str(api.get(f"/api/v1/namespaces/{namespace}/pods/{name}/log", container=container["name"], tailLines=20, previous=previous)))
                except Refused:
                    continue
    for path in api.kinds():
        for item in api.list(path.format(namespace)):
            meta = item["metadata"]
            meta.pop("managedFields", None)
            if path.endswith("/secrets"):
                item["data"] = {key: f"({len(value)} characters)" for key, value in (item.get("data") or {}).items()}
            lines += ["", f"## {path.rpartition('/')[2]}/{meta['name']}", json.dumps(item, indent=1, sort_keys=True)]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n")
    return target


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: dump.py KUBECONFIG NAMESPACE FILE")
    print(dump(Api(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
