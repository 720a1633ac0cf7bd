# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Form ⇄ script on what acmp_package_info returns with ``form: true``; documented in the files beside this one."""

from __future__ import annotations

import functools
import json

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, nearest
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import form as forms
from ansible_collections.acmp.middleware.plugins.module_utils.package import yaml_reader


class FilterModule:
    """The filters of this collection that work on forms."""

    def filters(self):
        return {"form": _told(form), "to_document": _told(to_document), "from_document": _told(from_document)}


def form(package, type=None, document=None, hidden=False):
    """The fields of a type's form, with ``value`` where a document is given."""
    fields = _fields(package, type)
    found = [field.as_dict() for field in fields if hidden or not field.hidden]
    if document is not None:
        answers = forms.take(fields, _document(document, "document"))["answers"]
        found = [{**field, "value": answers[field["path"]]} if field["path"] in answers else field for field in found]
    return found


def to_document(answers, package, type=None, name=None, namespace=None, rest=None):
    """The document of a form's answers."""
    package = _package(package)
    base = _document(_type(package, type).get("document"), "document of the type") if rest is None else _document(rest, "rest")
    title = f"{package.get('name', '')} {package.get('version', '')}".strip()
    return forms.fill(_fields(package, type), _plain(answers), base, _plain(name), _plain(namespace), rest is None, title)


def from_document(document, package, type=None):
    """The answers of a form in a document, and what is left of it."""
    return forms.take(_fields(package, type), _document(document, "document"))


def _told(function):
    """A filter whose failures are one sentence; Ansible's own (an undefined variable) pass as they are."""
    @functools.wraps(function)
    def run(*args, **options):
        try:
            return function(*args, **options)
        except AnsibleError:
            raise
        except AcmpError as error:
            raise AnsibleFilterError(f"acmp.middleware.{function.__name__}: {error.message}") from None
        except (TypeError, RecursionError) as error:
            raise AnsibleFilterError(f"acmp.middleware.{function.__name__}: {error}") from None

    return run


def _fields(package, type_name):
    package = _package(package)
    found = package.get("form")
    if not isinstance(found, dict) or not found:
        raise AnsibleFilterError("acmp.middleware: the package has no form; look it up with acmp.middleware.acmp_package_info and form: true")
    name = _type(package, type_name)["name"]
    fields = found.get(name)
    if not isinstance(fields, list):
        raise AnsibleFilterError(f'acmp.middleware: the form of the type "{name}" is no list of fields')
    return [forms.from_dict(field) for field in fields]


def _type(package, type_name):
    """The type of that name, the package's first for None."""
    types = [item for item in package.get("types") or [] if isinstance(item, dict) and isinstance(item.get("name"), str)]
    chosen = next((item for item in types if type_name in (None, item["name"])), None)
    if chosen is None:
        hint = nearest(str(type_name), [item["name"] for item in types])
        raise AnsibleFilterError(f'acmp.middleware: the package has no instance type "{type_name}". {hint}'.strip())
    return chosen


def _package(value):
    value = _plain(value)
    if not isinstance(value, dict):
        raise AnsibleFilterError("acmp.middleware: the package is no map; give an item of packages, as acmp.middleware.acmp_package_info returns it")
    return value


def _document(value, what):
    """A document as a map; YAML text is read, as instances and types carry it."""
    value = _plain(value)
    if isinstance(value, str):
        value = yaml_reader.load(value, what)
    if not isinstance(value, dict):
        raise AnsibleFilterError(f"acmp.middleware: the {what} is not a map, nor YAML text of one")
    return value


def _plain(value):
    """Plain JSON data: without Ansible's tags, vault wrappers and dates."""
    return json.loads(json.dumps(value, default=str))
