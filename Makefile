# The doors. PYTHON=… picks the interpreter that makes .venv, PORT=… the port of `make demo`.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
SERVE := $(BIN)/python example_project/serve.py

.PHONY: help demo demo-setup test test-unit test-postgres test-projects test-browser test-faults test-matrix lint format \
	bench docs screenshots requirements css messages venv system clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: venv  ## set up the example campaign and serve it with a worker beside it
	@PORT=$(PORT) $(SERVE)

demo-setup: venv  ## the same without serving
	@PORT=$(PORT) $(SERVE) --setup-only

test: venv system  ## the whole suite: SQLite, PostgreSQL, every test project, Chromium
	@$(BIN)/python -m tests.run

test-unit: venv  ## unit tests on SQLite only
	@$(BIN)/python -m tests.run sqlite

test-postgres: venv system  ## unit tests on a private PostgreSQL
	@$(BIN)/python -m tests.run postgres

test-projects: venv  ## the integrators' projects
	@$(BIN)/python -m tests.run projects

test-browser: venv system  ## journeys in Chromium
	@$(BIN)/python -m tests.run browser

test-faults: venv system  ## killed databases, workers and mail servers (PLEDGE_FAULTS=full: the contract's numbers)
	@$(BIN)/python -m tests.run faults

test-matrix: venv system  ## tox: every supported pair that has an interpreter here, the wheel, the migrations
	@. .ci/pythons; $(BIN)/tox run --skip-missing-interpreters=true

lint: venv  ## format, rules, rooms, types, templates, catalogues, checks and migrations
	@command -v msgfmt >/dev/null || .ci/system-packages
	@.ci/lint $(BIN)

format: venv  ## rewrite to the house's format
	@git ls-files -z --cached --others --exclude-standard -- '*.py' ':!*/migrations/*' | \
		xargs -0 $(BIN)/django-upgrade --target-version 5.2; $(BIN)/ruff check --fix --quiet; $(BIN)/ruff format

bench: venv  ## the scenarios behind every published figure
	@$(BIN)/python -m benchmarks --page docs/reference/benchmarks.md

docs: venv requirements  ## HTML into docs/_build/html; a warning is an error
	@$(BIN)/sphinx-build -W -n --keep-going -q -b html docs docs/_build/html && echo "docs/_build/html/index.html"

screenshots: venv system  ## pictures for the docs, from a demo of their own (PORT)
	@PORT=$(PORT) $(BIN)/python docs/screenshots/take.py

requirements: venv  ## docs/reference/requirements.md from the marks on the tests
	@$(BIN)/python -m pytest --collect-only -q -p no:randomly -p no:terminalreporter \
		--requirements-file=docs/reference/requirements.md

css: venv  ## pack the stylesheets that a site serves
	@$(BIN)/python .ci/stylesheets.py

messages: venv  ## gather and compile the message catalogues
	@cd wagtail_pledge && ../$(BIN)/django-admin makemessages --all --no-obsolete && ../$(BIN)/django-admin compilemessages

venv:
	@.ci/venv .venv "$(PYTHON)" dev

system:
	@.ci/system-packages

clean:  ## what the doors made
	rm -rf .venv .venv-* .cache .tox build dist docs/_build example_project/var *.egg-info
