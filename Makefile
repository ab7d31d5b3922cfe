# Kapok. Needs Python 3.11 or newer, pip and make; nothing else. `make help` lists what there is to do.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV ?= .venv
PORT ?= 8080
WORKERS ?= 2
ARGS ?=
BIN := $(VENV)/bin
# Anything that changes what is installed makes the next run install again; otherwise a second run starts in seconds.
INPUTS := setup.cfg pyproject.toml constraints.txt
# A venv without pip (Debian without python3-venv) is served by the pip outside it.
PIP_INSTALL = if [ -x $(BIN)/pip ]; then $(BIN)/python -m pip install -q -c constraints.txt $(1); \
	else $(PYTHON_FOUND) -m pip --python $(BIN)/python install -q -c constraints.txt $(1); fi
PYTHON_FOUND = $$(sh .ci/find-python $(PYTHON))

.PHONY: help demo test check prove bench audit pins clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## install, load the samples, serve on http://127.0.0.1:8080 (PORT= to change)
	@KAPOK_PORT=$(PORT) exec $(BIN)/kapok demo $(ARGS)

test: $(VENV)/.tests ## the whole suite on SQLite and PostgreSQL, with a real browser
	@$(BIN)/python -m tests.support.chromium
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(ARGS)

check: $(VENV)/.tests ## the quick checks: ruff, mypy, layers, house rules
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/architecture $(ARGS)

prove: $(VENV)/.tests ## the long sizes of the property, crash and fuzz tests (hours)
	@$(BIN)/python -m tests.support.chromium
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --prove $(ARGS)

bench: $(VENV)/.tests ## figures against the floor and the peers, on this machine, in one run
	@$(BIN)/python -m benchmarks $(ARGS)

audit: $(VENV)/.tests ## known vulnerabilities in the pinned dependencies
	@$(BIN)/pip-audit --no-deps --disable-pip -r constraints.txt $(ARGS)

pins: $(VENV)/.tests ## write constraints.txt from what is installed
	@{ head -n 1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new
	@mv constraints.new constraints.txt

clean: ## remove what was built; keeps var/, where the demo's data is
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage* htmlcov

$(BIN)/python:
	@python=$(PYTHON_FOUND) && { $$python -m venv $(VENV) 2>/dev/null || $$python -m venv --clear --without-pip $(VENV); }

$(VENV)/.runtime: $(BIN)/python $(INPUTS)
	@echo "Installing Kapok into $(VENV) …" >&2
	@$(call PIP_INSTALL,-e .)
	@touch $@

$(VENV)/.tests: $(BIN)/python $(INPUTS)
	@echo "Installing Kapok and its test tools into $(VENV) …" >&2
	@$(call PIP_INSTALL,-e '.[test]')
	@touch $(VENV)/.runtime $@
