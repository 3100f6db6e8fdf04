# Everything a newcomer needs: `make up`, `make demo`, `make test`. Needs Python 3.11 or newer and the Python package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.umpire-installed

.PHONY: setup up demo test heavy chaos lint bench bench-cli bench-stays bench-web bench-open clean
.DEFAULT_GOAL := setup

setup: $(STAMP)

# The lock file pins every package by hash; the project itself is installed as a link to this folder.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Umpire needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@trap 'echo; echo "Stopped. What is installed so far is in $(VENV); run make again and it goes on."; exit 130' INT; \
	started=$$(date +%s); packages=$$(grep -c '^[a-zA-Z0-9]' requirements.lock); set -e; \
	echo "Setting up, once: one to three minutes, by the speed of the package index."; \
	echo "1 of 3: a Python environment in $(VENV) ..."; \
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); \
	echo "2 of 3: $$packages packages of requirements.lock, each checked by its hash; most of the time goes here ..."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	echo "3 of 3: Umpire itself, as a link to this folder ..."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	touch $(STAMP); echo "Set up in $$(( $$(date +%s) - started )) seconds."

up: setup
	@$(BIN)/umpire up

demo: setup
	@$(BIN)/umpire demo

test: setup
	@$(BIN)/python -m pytest -n 3 --dist worksteal

# What needs real servers (a throw-away PostgreSQL, the real dev server, killed workers), long random courses, and a browser.
heavy: setup
	@$(BIN)/python -m pytest -m "postgres or devserver"
	@$(BIN)/python -m pytest -m many -n 2 --dist worksteal
	@$(BIN)/python -m pytest -m browser

# Kills under load, on SQLite and on PostgreSQL, then the checks: nothing lost, doubled, moved or stuck. About twenty minutes.
KILLS := 100
SEED := 1
chaos: setup
	@$(BIN)/python -m tests.chaos --kills $(KILLS) --seed $(SEED)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m bench

# CPU time of `umpire --help` and of lists, as ratios to the imports that no command can avoid.
bench-cli: setup
	@$(BIN)/python -m bench.cli

# A thousand open stays on one worker: memory of each, and how late their timers fire. Takes about ten minutes.
bench-stays: setup
	@$(BIN)/python -m bench.stays

# Acts to a signed decision, and how fast pages are with 100,000 open and 1,000,000 finished tasks, on SQLite and PostgreSQL.
# About ten minutes; QUICK=--quick.
QUICK :=
bench-web: setup
	@$(BIN)/python -m bench.web $(QUICK)

# N open cases with stays and plans, on PostgreSQL: memory, lists, people's acts, a restart, a midnight, and what grows with N.
# 10,000 take about half an hour on two free cores; N=100000 OPTIONS="--workers 3" is the full run.
N := 10000
OPTIONS :=
bench-open: setup
	@$(BIN)/python -m bench.open $(N) $(OPTIONS)

clean:
	rm -rf $(VENV) .umpire out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
