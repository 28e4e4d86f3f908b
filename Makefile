# Commands from the project's root. They need Python 3.11 or newer and make; `make help` lists them.

PORT ?= 8000
PACE ?= 20
SIZE ?= small
WORKERS ?= 2
ARGS ?=
KAFKA_PORT ?= 9092
REQUIRE_KAFKA ?= 0
export PORT REQUIRE_KAFKA

VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
COMPILE := PIP_FIND_LINKS= $(VENV)/bin/uv pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install run demo live check test stories trial year fuzz told pages clients storage bench kafka kafka-stop kafka-status format lint types capability migration catalogue lock clean

help: ## Lists the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name does; do \
		printf '  make %-11s %s\n' "$$name" "$$does"; done

install: $(INSTALLED) ## Makes .venv and installs what the lock file pins

run: $(INSTALLED) ## Starts everything in one process on 127.0.0.1:8000 (PORT=…); Ctrl-C stops it
	@exec $(PYTHON) -m crm run --port $(PORT)

demo: $(INSTALLED) ## Builds a franchise network in what runs and tells its story (SIZE=…)
	@exec $(PYTHON) -m crm demo --size $(SIZE) --url http://127.0.0.1:$(PORT)

live: $(INSTALLED) ## Keeps that network going, PACE things a minute, until Ctrl-C
	@exec $(PYTHON) -m crm live --pace $(PACE) --url http://127.0.0.1:$(PORT)

check: $(INSTALLED) ## Runs every check and the tests that need no database, in under a minute
	@$(MAKE) lint types
	@echo "== tests without a database"
	@exec $(PYTHON) -m pytest --quiet --numprocesses $(WORKERS) --dist loadfile -m "not database and not kafka and not slow and not trial and not pages and not clients and not s3 and not year and not fuzz and not told" --ignore tests/deploy $(ARGS)

test: $(INSTALLED) ## Runs every check and every test (REQUIRE_KAFKA=1 refuses to leave Kafka out)
	@$(MAKE) lint types
	@echo "== tests"
	@exec $(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

stories: $(INSTALLED) ## Tells the stories over eight processes and a real broker (REQUIRE_KAFKA=1 refuses to do without)
	@exec $(PYTHON) -m pytest --quiet --numprocesses 0 -m stories tests/journeys/test_stories.py $(ARGS)

trial: $(INSTALLED) ## Follows docs/new-capability.md in a copy of the project: what it says runs
	@exec $(PYTHON) -m pytest --quiet -m trial tests/deploy/test_new_capability.py

year: $(INSTALLED) ## Works through a year of a network, and recomputes every penalty and every cent
	@exec $(PYTHON) -m pytest --quiet --numprocesses 0 -m year tests/simulation $(ARGS)

fuzz: $(INSTALLED) ## Sends generated requests, valid and not, to every route: nothing breaks, all is declared
	@exec $(PYTHON) -m pytest --quiet --numprocesses $(WORKERS) --dist loadfile -m fuzz tests/security/test_openapi.py tests/care/test_openapi.py tests/customers/test_openapi.py $(ARGS)

told: $(INSTALLED) ## Tells the demo's story, and once more weeks later on the same data
	@exec $(PYTHON) -m pytest --quiet --numprocesses 0 -m told tests/journeys/test_demo.py $(ARGS)

pages: $(INSTALLED) ## Opens the pages in Chromium, with axe (as root on Debian it brings the browser)
	@$(PYTHON) -m tests.pages.browser && exec $(PYTHON) -m pytest --quiet --numprocesses 0 -m pages tests/pages $(ARGS)

clients: $(INSTALLED) ## Lints the OpenAPI documents and tries a TypeScript client made from them (where Node is)
	@$(PYTHON) -m tests.clients.tools; here=$$?; [ $$here -eq 3 ] && exit 0; [ $$here -eq 0 ] || exit $$here; \
		exec $(PYTHON) -m pytest --quiet --numprocesses 0 -m clients tests/clients $(ARGS)

storage: $(INSTALLED) ## Tries the storage of files on a real S3-compatible server (where Go is)
	@$(PYTHON) -m tests.storage.gateway; here=$$?; [ $$here -eq 3 ] && exit 0; [ $$here -eq 0 ] || exit $$here; \
		exec $(PYTHON) -m pytest --quiet --numprocesses 0 -m s3 tests/storage $(ARGS)

bench: $(INSTALLED) ## Measures against floors and writes bench/results/
	@exec $(PYTHON) -m bench $(ARGS)

kafka: $(INSTALLED) ## Starts a real single-node Kafka broker without Docker (Java 17, Maven; KAFKA_PORT=…)
	@exec $(PYTHON) -m deploy.kafka.broker start --port $(KAFKA_PORT)

kafka-stop: $(INSTALLED) ## Stops that broker (KAFKA_PORT=…)
	@exec $(PYTHON) -m deploy.kafka.broker stop --port $(KAFKA_PORT)

kafka-status: $(INSTALLED) ## Says whether that broker runs
	@exec $(PYTHON) -m deploy.kafka.broker status --port $(KAFKA_PORT)

format: $(INSTALLED) ## Formats the code and mends what the linter can mend
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

lint: $(INSTALLED) ## Checks the code's format, its manners and the import contracts
	@echo "== format"
	@$(VENV)/bin/ruff format --check .
	@echo "== lint"
	@$(VENV)/bin/ruff check .
	@echo "== import contracts"
	@$(VENV)/bin/lint-imports --no-logo

types: $(INSTALLED) ## Checks the types strictly, tests included
	@echo "== types"
	@$(VENV)/bin/mypy

capability: $(INSTALLED) ## Writes the skeleton of a capability (SERVICE=care NAME=penalties)
	@$(PYTHON) -m deploy.development.capability $(SERVICE) $(NAME) $(ARGS)

migration: $(INSTALLED) ## Drafts a migration from the tables (SERVICE=care NAME=penalties)
	@$(PYTHON) -m deploy.development.migration $(SERVICE) $(NAME)

catalogue: $(INSTALLED) ## Writes docs/errors.md anew from the error classes
	@$(PYTHON) -m deploy.development.catalogue

lock: $(INSTALLED) ## Pins the dependencies anew (ARGS="--upgrade" for the newest)
	@$(COMPILE) --extra dev $(ARGS) --output-file requirements.lock
	@$(COMPILE) --constraint requirements.lock --output-file deploy/requirements.lock

clean: ## Removes what can be made again (.venv, caches); keeps the data under .data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info tests/clients/node_modules tests/clients/made tests/storage/made
	@find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml | $(PYTHON)
	@echo "Installing what requirements.lock pins (about a minute the first time)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(PYTHON):
	@for python in $(CRM_PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
			&& exec "$$python" -m venv --clear $(VENV); \
	done; \
	echo "Python 3.11 or newer with its venv module is needed and was not found." >&2; \
	echo "Install it (Debian: python3 and python3-venv) or name it: make CRM_PYTHON=/path/to/python3" >&2; \
	exit 1
