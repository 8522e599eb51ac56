# `make help` lists what there is. Python 3.11+ and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
export MLFLOW_DISABLE_TELEMETRY := true

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench verify workshop clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready  ## set up .venv with pinned versions

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed; hint: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup  ## build the simulated company in demo/ and go the whole way: check, train, register, score, explain, report
	$(BIN)/leadready demo --folder demo

test: setup lint  ## run every test, with linters and types
	$(BIN)/pytest -n 2

lint: setup  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup  ## check, features, scoring and the rules, each beside a stated peer or limit
	$(BIN)/python -m benchmarks.check
	$(BIN)/python -m benchmarks.features
	$(BIN)/python -m benchmarks.scoring
	$(BIN)/python -m benchmarks.definition

workshop: setup  ## write docs/workshop.md again: every command of it is run
	$(BIN)/python -m verification.workshop_transcript

verify: setup  ## companies whose truth is known: is what is printed true? About half an hour
	$(BIN)/python -m verification.estimates
	$(BIN)/python -m verification.proposals

clean:  ## remove the demo and everything that can be made again
	rm -rf demo .venv build .pytest_cache .ruff_cache .mypy_cache *.egg-info
