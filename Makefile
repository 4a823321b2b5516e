.DEFAULT_GOAL := help
.PHONY: help install run test thorough quick cov check format lock calibrate bench bench-accuracy readme clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
LOCKED ?=
# Tests that nobody may keep compiled are compiled by each process of each run: four seconds of each.
export PYTHONDONTWRITEBYTECODE :=
# LOCKED=1: the very files of constraints*.txt, as the image and CI; else the newest that pyproject.toml allows.
# pip takes no constraints with hashes for a package of ours, so the others come first and ours without them.
from_lock = $(PIP) install --require-hashes -r $(1) && $(PIP) install --no-deps -e .
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -q
# Tests of one file stay together, they share what is slow to start; the longest first (tests/conftest.py).
# One process more than cores: a test that waits for a server leaves its core to another; the quick ones wait
# for nobody, and a process more would collect them all once more.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
BY_FILE := --maxprocesses 5 --dist loadfile --no-loadscope-reorder
ON_ALL_CORES := -n $(shell expr $(CORES) + 1) $(BY_FILE)
SLOW := tests/scenarios tests/e2e tests/faults tests/bot/playground tests/bot/store tests/docs/test_commands.py \
	tests/docs/test_dockerfile.py tests/bot/cards/test_cards_any_estimate.py
# Only in a checkout of its own, only where nobody keeps hooks elsewhere or has one already.
HOOKS = $$(git rev-parse --git-path hooks)
HOOK = if [ "$$(git rev-parse --show-toplevel 2>/dev/null)" = "$$(pwd -P)" ] && ! git config core.hooksPath >/dev/null; then \
	mkdir -p "$(HOOKS)"; [ -e "$(HOOKS)/pre-commit" ] || cp scripts/commit_hook.sh "$(HOOKS)/pre-commit"; \
	[ -e "$(HOOKS)/commit-msg" ] || cp scripts/commit_message_hook.sh "$(HOOKS)/commit-msg"; fi

help:            ## show this
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "%-15s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ftcost needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which with: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml
	@echo "Installing ftcost into $(VENV) (once; about half a minute) ..."
	@$(if $(LOCKED),$(call from_lock,constraints.txt),$(PIP) install -e .)
	@$(BIN)/python -m compileall -q bot estimator
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@echo "Installing the tools for tests and checks (once; about a minute) ..."
	@$(if $(LOCKED),$(call from_lock,constraints-dev.txt),$(PIP) install -e '.[dev]')
	@$(HOOK)
	@touch $@

install: $(VENV)/.installed   ## .venv with the `ftcost` command in it, and the commit hooks
	@$(HOOK)
	@echo "ftcost is in $(BIN)/ftcost"

run: $(VENV)/.installed       ## the whole bot in a browser, no account needed: prints its address
	@$(BIN)/ftcost playground

test: $(VENV)/.tools          ## everything, a real browser included where one is to be had, and the floors of coverage
	@$(BIN)/python scripts/find_browser.py --install
	@$(BIN)/coverage erase && $(BIN)/coverage run -m pytest $(ON_ALL_CORES) && $(BIN)/coverage combine -q
	@$(MAKE) --no-print-directory cov

thorough: export FTCOST_TESTS := thorough
thorough: test                ## likewise, with many times as many random cases, drawn anew (tests/draws.py)

quick: $(VENV)/.tools         ## the tests that need no browser and no server: a minute
	@$(BIN)/python -m pytest -q -n $(CORES) $(BY_FILE) -m 'not node' $(SLOW:%=--ignore=%)

cov: $(VENV)/.tools           ## the lines that the last `make test` did not reach; fails under 93 %, estimator/ 98 %
	@$(BIN)/coverage report --skip-covered --fail-under=93
	@$(BIN)/coverage report --skip-covered --fail-under=98 --include='estimator/*' >/dev/null || { echo "estimator/ is under 98 %"; exit 1; }

check: $(VENV)/.tools         ## what CI runs before the tests
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports
	@$(BIN)/python scripts/accuracy.py --check && $(BIN)/python scripts/readme.py --check

format: $(VENV)/.tools        ## rewrite the code as the house writes it
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: $(VENV)/.tools          ## write constraints.txt and constraints-dev.txt: the newest versions, with their hashes
	@$(COMPILE) -o constraints.txt
	@$(COMPILE) --all-extras -c constraints.txt -o constraints-dev.txt

calibrate: $(VENV)/.tools     ## fit config/calibration/time.yaml and config/calibration/memory.yaml on tests/published/
	@$(BIN)/python scripts/calibrate.py && $(BIN)/python scripts/calibrate_memory.py

bench: $(VENV)/.tools         ## what different commands cost: in the core, in a terminal, in a server; the flood, the end
	@$(BIN)/python tests/bench

bench-accuracy: $(VENV)/.tools   ## regenerate docs/accuracy.md and its plots from tests/published/
	@$(BIN)/python scripts/accuracy.py

readme: $(VENV)/.tools        ## regenerate the computed parts of README.md
	@$(BIN)/python scripts/readme.py

clean:           ## remove what make install and the tests left
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
