# Make targets. PYTHON=… sets the interpreter for .venv, PORT=… the port of `make demo`, STAGES="…" the stages of `make test`.
PYTHON ?= python3
PORT ?= 8000
STAGES ?=
BIN := .venv/bin
SERVE := $(BIN)/python example_project/serve.py
# Many images set it; then each process would compile all modules again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-setup test test-unit test-postgres test-projects test-browser test-faults test-matrix lint format \
	bench docs screenshots requirements css messages venv system clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: venv  ## set up the example campaign, then run the site and a worker
	@PORT=$(PORT) $(SERVE)

demo-setup: venv  ## set up the example campaign only
	@PORT=$(PORT) $(SERVE) --setup-only

test: venv system  ## run the whole test suite: PostgreSQL, SQLite, every test project, Chromium
	@$(BIN)/python -m tests.run $(STAGES)

test-unit: venv  ## run the unit tests that can differ on SQLite
	@$(BIN)/python -m tests.run sqlite

test-postgres: venv system  ## run all unit tests on a private PostgreSQL server
	@$(BIN)/python -m tests.run postgres

test-projects: venv  ## run the tests of the integrator projects
	@$(BIN)/python -m tests.run projects

test-browser: venv system  ## run the browser tests in Chromium
	@$(BIN)/python -m tests.run browser

test-faults: venv system  ## run the fault tests: database, worker and mail server failures (PLEDGE_FAULTS=full for full size)
	@$(BIN)/python -m tests.run faults

test-matrix: venv system  ## run tox: every supported version pair whose interpreter is installed, the wheel, the migrations
	@. .ci/pythons; $(BIN)/tox run --skip-missing-interpreters=true

lint: venv  ## check format, code, imports, types, templates, catalogs, docs tests and migrations
	@command -v msgfmt >/dev/null || .ci/system-packages
	@.ci/lint $(BIN)

format: venv  ## apply the project's code style
	@git ls-files -z --cached --others --exclude-standard -- '*.py' ':!*/migrations/*' | \
		xargs -0 $(BIN)/django-upgrade --target-version 5.2; $(BIN)/ruff check --fix --quiet; $(BIN)/ruff format

bench: venv  ## run the benchmarks and update their page in the docs
	@$(BIN)/python -m benchmarks --page docs/reference/benchmarks.md

docs: venv requirements  ## build the HTML docs in docs/_build/html (warnings are errors)
	@$(BIN)/sphinx-build -W -n --keep-going -q -b html docs docs/_build/html && echo "docs/_build/html/index.html"

screenshots: venv system  ## take the screenshots for the docs, from a separate demo (PORT)
	@PORT=$(PORT) $(BIN)/python docs/screenshots/take.py

requirements: venv  ## write docs/reference/requirements.md from the requirement markers of the tests
	@$(BIN)/python -m pytest --collect-only -q -p no:randomly -p no:terminalreporter \
		--requirements-file=docs/reference/requirements.md

css: venv  ## minify the style sheets
	@$(BIN)/python .ci/stylesheets.py

messages: venv  ## extract the messages, without guessing translations, and compile the catalogs
	@cd wagtail_pledge && ../$(BIN)/django-admin makemessages --all --no-obsolete && \
		for file in locale/*/LC_MESSAGES/django.po; do msgattrib --clear-fuzzy --empty --output-file=$$file $$file || exit 1; done && \
		../$(BIN)/django-admin compilemessages
	@cd example_project/campaign && ../../$(BIN)/django-admin compilemessages

venv:
	@.ci/venv .venv "$(PYTHON)" dev

system:
	@.ci/system-packages

clean:  ## delete what the targets created
	rm -rf .venv .venv-* .cache .tox build dist docs/_build example_project/var *.egg-info
