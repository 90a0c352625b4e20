# `make run` and `make test` do all their own set-up; `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2

.PHONY: help run test check lint types contracts format bench bench-matching soak schema screenshots clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

run: $(VENV)/.run  ## set up, then start Cmdarr with the configuration in config/
	$(BIN)/cmdarr serve

test: $(VENV)/.dev  ## set up, then run the test suite
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: lint types contracts  ## lint, types and import contracts

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## put the code into the project's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## print the figures, as ratios measured in one run
	$(BIN)/python -m benchmarks

bench-matching: $(VENV)/.dev  ## print precision and recall of matching on the training data
	$(BIN)/python -m benchmarks.accuracy

soak: $(VENV)/.dev  ## the slow soak and fuzz runs
	$(BIN)/python -m pytest -n $(WORKERS) -m slow --timeout 1800

schema: $(VENV)/.dev  ## write the JSON Schemas and the generated reference again
	$(BIN)/cmdarr config schema --write
	$(BIN)/python docs/generate.py

screenshots: $(VENV)/.dev  ## make the pictures of the documentation again
	$(BIN)/python docs/screenshot.py
	$(BIN)/python -m pytest -n 0 -m pictures tests/web/browser

clean:  ## remove the environment and every tool's cache; config/ and data/ stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Cmdarr needs Python 3.11 or newer: install it, or name it with 'make run PYTHON=/path/to/python3'." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module of $(PYTHON) does not work: install it (Debian: apt install python3-venv) and try again." >&2; exit 1; }

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(PIP) install -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install -e '.[dev]'
	@touch $@ $(VENV)/.run
