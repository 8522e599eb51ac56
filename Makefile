# `make help` lists the targets. All it needs is make and Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
export MLFLOW_DISABLE_TELEMETRY := true
# Compiled modules are kept, whatever the machine's setting: a command then starts in two thirds of the time.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
# Each process of the tests uses one core; tests of a file stay together and share what they train.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo check test tests lint bench verify mutants workshop clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready  ## set up .venv with pinned versions

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed; hint: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup  ## simulate a company in demo/, then check, train, register, score, explain and report
	$(BIN)/leadready demo --folder demo

check: setup lint  ## style, types and unit tests, in about a minute
	$(PYTEST) -m "not slow" tests/model tests/features leadready.py features model pipelines

test: setup  ## style, types and every test, in about ten minutes
	@$(MAKE) --no-print-directory --jobs=2 lint tests

tests: setup
	$(PYTEST)

lint: setup  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup  ## measure speed: check, features, training, scoring, SQL and rules
	$(BIN)/python -m benchmarks.check
	$(BIN)/python -m benchmarks.wide
	$(BIN)/python -m benchmarks.features
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.scoring
	$(BIN)/python -m benchmarks.sql
	$(BIN)/python -m benchmarks.server
	$(BIN)/python -m benchmarks.definition
	$(BIN)/python -m benchmarks.workshop
	$(BIN)/python -m benchmarks.large

workshop: setup  ## take the pictures of docs/workshop.md again
	$(BIN)/python -m verification.workshop.pictures

verify: setup  ## check figures and proposals where the truth is known, and long property tests
	$(BIN)/python -m verification

mutants: setup  ## put small faults into important modules: their own tests must notice
	$(BIN)/python -m verification.mutation

clean:  ## remove the demo and everything else that can be rebuilt
	rm -rf demo .venv build .pytest_cache .ruff_cache .mypy_cache *.egg-info
