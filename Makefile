# One virtual environment in .venv, two stamps in it: what a run needs, and what the tests add.
# `make PYTHON=/path/to/python3.12 test` chooses the interpreter the environment is made from.

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick lint fuzz bench landmarking docs samples clean distclean
.SUFFIXES:
.DELETE_ON_ERROR:

help:
	@echo 'make setup       install into .venv, so that .venv/bin/spinal-balance exists'
	@echo 'make demo        setup, then measure, report and plan the sample films into out/demo'
	@echo 'make test        lint, types and the whole test suite'
	@echo 'make test-quick  the tests without the slow ones'
	@echo 'make lint        ruff (rules and format) and mypy'
	@echo 'make fuzz        20000 damaged films of every encoding, 200 kills of batches at random moments: half an hour'
	@echo 'make bench       the benchmarks'
	@echo 'make landmarking the tables of docs/landmarking.md: proposals on films with known truth'
	@echo 'make docs        write docs/parameters.md and docs/thresholds.md again from the code'
	@echo 'make samples     write sample_images again from the phantom'
	@echo 'make clean       remove caches, builds and out/demo; make distclean removes .venv too'

setup: $(RUN)

demo: $(RUN)
	$(BIN)/spinal-balance demo sample_images -o out/demo

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/pytest -n $(WORKERS)

test-quick: $(DEV)
	$(BIN)/pytest -n $(WORKERS) -m "not slow"

fuzz: $(DEV)
	$(BIN)/python -m fuzz --count 20000 --seed 1
	$(BIN)/python -m fuzz.kills --count 200 --seed 1

bench: $(DEV)
	$(BIN)/python -m benchmarks

landmarking: $(DEV)
	$(BIN)/python -m benchmarks.landmarking out/landmarking --size 40

docs: $(RUN)
	$(BIN)/python -m balance.documentation docs

samples: $(RUN)
	$(BIN)/python -m balance.phantom.samples sample_images

clean:
	rm -rf build dist out/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

# A .venv without a working interpreter is a broken one, hence --clear.
$(BIN)/python:
	@$(PYTHON) -c pass >/dev/null 2>&1 || { echo \
	  "spinal-balance needs Python 3.11 or newer, but '$(PYTHON)' is missing or does not run: install it, or name one with 'make PYTHON=/path/to/python3'." \
	  >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	  "spinal-balance needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) -c 'import platform; print(platform.python_version())'): name a newer one with 'make PYTHON=/path/to/python3'." \
	  >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1 || { echo \
	  "'$(PYTHON)' has no venv module: install it (on Debian and Ubuntu: apt install python3-venv), or name another with 'make PYTHON=/path/to/python3'." \
	  >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(RUN): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --upgrade -c constraints.txt pip
	$(PIP) install -c constraints.txt -e .
	@touch $@

# `--group` came with pip 25.1; the step above has upgraded pip.
$(DEV): pyproject.toml constraints.txt $(RUN)
	$(PIP) install -c constraints.txt --group dev
	@touch $@
