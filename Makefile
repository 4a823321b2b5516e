.DEFAULT_GOAL := help
.PHONY: help install run test check format calibrate bench bench-accuracy cov readme clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

help:            ## show this
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-15s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ftcost needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which with: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml
	@echo "Installing ftcost into $(VENV) (once; about half a minute) ..."
	@$(PIP) install -e .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@echo "Installing the tools for tests and checks (once; about a minute) ..."
	@$(PIP) install -e '.[dev]'
	@touch $@

install: $(VENV)/.installed   ## .venv with the `ftcost` command in it
	@echo "ftcost is in $(BIN)/ftcost"

run: $(VENV)/.installed       ## the whole bot in a browser, no account needed: prints its address
	@$(BIN)/ftcost playground

test: $(VENV)/.tools          ## everything, a real browser included where one is to be had
	@$(BIN)/python scripts/find_browser.py --install
	@$(BIN)/python -m pytest

check: $(VENV)/.tools         ## what CI runs before the tests
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/python scripts/readme.py --check

format: $(VENV)/.tools        ## rewrite the code as the house writes it
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

cov: $(VENV)/.tools           ## the tests with branch coverage
	@$(BIN)/coverage erase && $(BIN)/coverage run -m pytest -p no:cacheprovider && $(BIN)/coverage combine -q && $(BIN)/coverage report

calibrate: $(VENV)/.tools     ## fit config/calibration.yaml and config/overhead.yaml on tests/published/
	@$(BIN)/python scripts/calibrate.py && $(BIN)/python scripts/calibrate_memory.py

bench: $(VENV)/.tools         ## how long a parse, an estimate, a search and an acknowledgement take
	@$(BIN)/python tests/bench

bench-accuracy: $(VENV)/.tools   ## regenerate docs/accuracy.md and its plots from tests/published/
	@$(BIN)/python scripts/accuracy.py

readme: $(VENV)/.tools        ## regenerate the computed parts of README.md
	@$(BIN)/python scripts/readme.py

clean:           ## remove what make install and the tests left
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
