# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules packages are read by, as data; those of the linter's further layers stand beside their checks (lint/)."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, HINT = "error", "warning", "hint"
SEVERITIES = (ERROR, WARNING, HINT)


@dataclass(frozen=True)
class Rule:
    """severity: error (the package is refused), warning (it may fail or surprise) or hint (it could be better). title: what must hold. fix: one line."""

    severity: str
    title: str
    fix: str


# Rules every file of fields has; {area} is one of _AREAS.
_COMMON = {
    "001": Rule(ERROR, "the file exists", "Add the file"),
    "002": Rule(ERROR, "the file is one YAML map of the kind its name says", "Start it as the manual's sample does"),
    "003": Rule(ERROR, "a required field is given", "Add the field"),
    "004": Rule(ERROR, "a field has the type the manual gives it", "Correct the value"),
    "005": Rule(ERROR, "a value is one of those allowed", "Use one of the allowed values"),
    "006": Rule(ERROR, "a value has the form the manual asks for", "Correct the value"),
    "007": Rule(ERROR, "a text is not longer than allowed", "Shorten it"),
    "008": Rule(WARNING, "every field is known", "Remove it, or correct its name"),
    "009": Rule(WARNING, "fields are written in the manual's letters", "Correct the letters"),
    "010": Rule(WARNING, "a field that others rely on is given", "Add the field"),
}

_OWN = {
    "YAML-001": Rule(ERROR, "files are valid YAML within the limits", "Correct the line, or the one before it"),
    "META-020": Rule(ERROR, "version is a semantic version", "Use three numbers and, where needed, a suffix: 1.0.0, v2.1.3, 1.1.3-rc.1"),
    "META-021": Rule(WARNING, "versions are quoted where they look like numbers", "Quote the version: other programs read 1.10 as 1.1"),
    "META-022": Rule(ERROR, "files named in metadata.yaml exist", "Add the file, or correct its name"),
    "META-023": Rule(WARNING, "files are named with the right letters", "Write the name as the file has it"),
    "META-024": Rule(WARNING, "the logo's base64data is base64", "Encode the image again, or use logo.path"),
    "META-025": Rule(WARNING, "links are web addresses", "Begin them with https:// or http://"),
    "META-026": Rule(ERROR, "metadata.yaml and application.yaml agree on the type", "Write the same type in both, or leave it out of metadata.yaml"),
    "APP-020": Rule(ERROR, "rawPath names a folder of the package", "Write a folder below raw/, or leave rawPath out"),
    "APP-021": Rule(ERROR, "replaces and skips name versions", "Write 1.0.0, or NAME.v1.0.0 as OLM does"),
    "APP-022": Rule(ERROR, "skipRange is a list of comparators", 'Write comparators, such as ">=1.0.0 <1.2.0"'),
    "APP-023": Rule(ERROR, "a version does not upgrade itself", "Name older versions only"),
    "APP-024": Rule(ERROR, "files named in application.yaml exist in manifests/", "Add the file, or correct its name"),
    "APP-025": Rule(WARNING, "files of capabilities exist in manifests/ or manifests/dependence/", "Add the file, or take the capability away"),
    "APP-026": Rule(WARNING, "crd.yaml holds CustomResourceDefinitions only", "Move other objects to raw/"),
    "APP-027": Rule(ERROR, "versionDefinition has mode, path and tags", "Add what is missing, or leave versionDefinition out"),
    "APP-028": Rule(ERROR, "the path of versionDefinition can be followed", r"Write a path like values.image.tag, with \. for a dot inside a key"),
    "APP-029": Rule(WARNING, "tags are quoted where they look like numbers", "Quote the tag: other programs read 2.10 as 2.1"),
    "CSV-020": Rule(ERROR, "csv.yaml names an owned kind", "Add spec.customresourcedefinitions.owned with name, kind and version"),
    "CSV-021": Rule(ERROR, "a form field's path can be followed", r"Write paths like values.a[0].b, with \. for a dot inside a key"),
    "CSV-022": Rule(WARNING, "a status field's path can be followed", "Write paths like services[0].spec.ports[0].port"),
    "CSV-023": Rule(WARNING, "form fields of a Helm package begin with values", "Put values. before the path"),
    "CSV-024": Rule(ERROR, "a generate descriptor is SUFFIX:KEY[:LENGTH]", "Write urn:alm:descriptor:com.apusic.secret:generate:auth:password:24"),
    "CSV-025": Rule(WARNING, "csv.yaml and metadata.yaml agree on the version", "Write the same version in both"),
    "CSV-026": Rule(WARNING, "a Helm package has a csv.yaml", "Add manifests/csv.yaml with the fields of the form"),
    "CSV-027": Rule(WARNING, "alm-examples is a JSON list of documents", "Correct the annotation, or add manifests/default-cr.yaml"),
    "CR-020": Rule(ERROR, "a default document is of a kind that csv.yaml owns", "Correct apiVersion and kind, or add the kind to csv.yaml"),
    "CR-021": Rule(ERROR, "instance types have different names", "Give each document its own annotation operators.apusic.com/instance-type"),
    "CR-022": Rule(ERROR, "every instance type but the first is named", "Add the annotation operators.apusic.com/instance-type"),
    "CR-023": Rule(WARNING, "an operator package has a default document", "Add manifests/default-cr.yaml"),
    "CR-024": Rule(WARNING, "default documents hold no passwords", "Leave the field empty: the platform makes a password of its own for each instance"),
    "CR-025": Rule(ERROR, "defaults of kustomizations and plain manifests are what kustomize sets", "Leave out every field the message names"),
    "RAW-001": Rule(ERROR, "raw/ holds what is deployed", "Put the chart, kustomization or manifests into raw/"),
    "RAW-002": Rule(ERROR, "raw/ holds one chart where templateType is helm", "Put the unpacked chart into raw/ or its only subfolder, or name it by rawPath"),
    "RAW-003": Rule(ERROR, "Chart.yaml has name and version and is no library", "Correct Chart.yaml"),
    "RAW-004": Rule(WARNING, "a chart has values.yaml and templates/", "Add what is missing"),
    "RAW-005": Rule(ERROR, "raw/ holds one kustomization where templateType is kustomize", "Add kustomization.yaml, or name its folder by rawPath"),
    "RAW-006": Rule(ERROR, "raw/ holds manifests where templateType is kubernetes", "Add the manifests, or name their folder by rawPath"),
    "RAW-007": Rule(ERROR, "a kustomization names files of the package only, and runs nothing", "Put what it needs into raw/, as plain manifests"),
    "LOG-020": Rule(WARNING, "a package has one LogConfig", "Put all its items into one file"),
    "LOG-021": Rule(WARNING, "the path of a log stands beside labelSelector", "Move it out of labelSelector: in there it reads as a label"),
    "LOG-022": Rule(WARNING, "no log path lies in another of the same pods", "Name the folder or the file, not both: lines would be collected twice"),
    "LOG-023": Rule(WARNING, "log configurations have different names", "Give each a name of its own"),
    "MON-020": Rule(WARNING, "a package has one MonitorConfig", "Put all its items into one file"),
    "MON-021": Rule(WARNING, "charts stand in levels", "Move groupLabel, selectedMetrics and metrics into the level they belong to"),
    "MON-022": Rule(WARNING, "the port of metrics is a port's name", "Name the port, and write its name: the number may change"),
    "MON-023": Rule(WARNING, "placeholders are those that are replaced", "Use {{.Namespace}} and {{.Instance}}"),
    "ALARM-020": Rule(WARNING, "a package has one AlarmConfig", "Put all its groups into one file"),
    "ALARM-021": Rule(WARNING, "a file named as the alarm configuration is one", "Write an AlarmConfig, or name the file otherwise"),
    "ALARM-022": Rule(ERROR, "groups of alarms have different names", "Give each group a name of its own"),
    "ALARM-023": Rule(WARNING, "placeholders are those that are replaced", "Use {{.Namespace}} and {{.Instance}}; in annotations also Prometheus' own"),
    "ALARM-024": Rule(WARNING, "runbooks are web addresses", "Begin them with https:// or http://"),
    "CONFIG-020": Rule(WARNING, "a package has one config.yaml", "Keep the one at the root or the one in manifests/"),
    "CONFIG-021": Rule(WARNING, "config.yaml is a ConfigSchema", "Write a ConfigSchema, or name the file otherwise"),
    "CONFIG-022": Rule(ERROR, "files and parameters are described once", "Keep one of the two"),
    "CONFIG-023": Rule(ERROR, "a minimum is not above its maximum", "Correct the range"),
    "CONFIG-024": Rule(ERROR, "a pattern is a regular expression", "Use RE2's syntax: no lookahead, no back reference"),
    "CONFIG-025": Rule(ERROR, "defaults and choices fit what is asked of a value", "Correct the default, or its limits"),
    "OP-020": Rule(WARNING, "files of actions are named op-PRODUCT-ACTION.yaml", "Use the package's name or alias, then - and a word in lower-case letters"),
    "OP-021": Rule(WARNING, "an action has one file", "Keep the one at the root or the one in manifests/"),
    "OP-022": Rule(ERROR, "an action is a Pod, a Job, a CronJob or a custom type", "Use one of them; other objects belong to raw/"),
}
# Those of them that a file's fields can break.
_AREAS = {
    "META": "001 002 003 004 005 006 007 008 009", "APP": "001 002 003 004 005 006 008 009 010", "CSV": "001 002 003 004 005 008 009 010",
    "CR": "002 003 004 006", "LOG": "002 003 004 005 006 008 009 010", "MON": "002 003 004 005 006 008 009 010",
    "ALARM": "002 003 004 005 006 008 009 010", "CONFIG": "002 003 004 005 006 008 009", "OP": "002 003 004 009",
}

RULES: dict[str, Rule] = {
    **{f"ACMP-{area}-{number}": rule for area, numbers in _AREAS.items() for number, rule in _COMMON.items() if number in numbers.split()},
    **{f"ACMP-{name}": rule for name, rule in _OWN.items()},
}
