# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The rules only name what runs: the work is in tests/tools, which CI and editors can call without make.
T := tests/tools

.DEFAULT_GOAL := help
.PHONY: help check test lint sanity unit docs build importer integration molecule bench proof demo demo-clean cluster cluster-down envs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: ## what needs no cluster, in the newest lane: two minutes or less once the tools are there
	@$(T)/parts check

test: ## check in all lanes, then integration and molecule on a real cluster (ACMP_KUBECONFIG, or one it starts itself)
	@$(T)/parts test

lint: ## ansible-lint (production profile), ruff, licences, changelog
	@$(T)/parts lint ruff reuse changelog

sanity: ## ansible-test sanity in each lane
	@$(T)/parts sanity

unit: ## unit tests in each lane
	@$(T)/parts unit

docs: ## check the documentation and write its pages to build/docs
	@$(T)/parts docs

build: ## the collection's tarball, into build/
	@$(T)/build

importer: ## what a collection server checks when the tarball is uploaded
	@$(T)/parts importer

integration: ## integration targets on a cluster, modules and in-process
	@$(T)/parts integration

molecule: ## role and playbook scenarios on a cluster
	@$(T)/parts molecule

bench: ## times, requests and processes of common tasks
	@tests/bench/run

proof: ## the long tables (hours, can be resumed), into docs/proof/
	@tests/proof/run

demo: ## a platform on this machine, with packages and running instances
	@tests/demo/run up

demo-clean: ## take the demo away again
	@tests/demo/run clean

cluster: ## a Kubernetes cluster for tests on this machine
	@tests/cluster/cluster up

cluster-down: ## stop it and take away what it left
	@tests/cluster/cluster down

envs: ## the virtual environments of all tools, made where missing
	@$(T)/env --all

clean: ## delete build/ and environments that no lock file asks for (a running cluster stays)
	@rm -rf build tests/output
	@$(T)/env --prune
