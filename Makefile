# make run: everything on http://localhost:3000. The first time it installs and builds.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq --require-hashes
ANSWERS := $(if $(CASPER_ANSWERS),$(abspath $(CASPER_ANSWERS)))

.PHONY: run setup check test faults coverage bench lock format

run: $(VENV)/.installed
	@$(BIN)/python -m casper_dash run

setup: $(VENV)/.installed $(VENV)/.installed-dev
	@test ! -d .git || { mkdir -p .git/hooks && ln -sf ../../.ci/pre-commit .git/hooks/pre-commit; }

check: setup
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: check
	@$(if $(ANSWERS),CASPER_ANSWERS=$(ANSWERS)) $(BIN)/python -m pytest --numprocesses=auto --dist=worksteal --quiet

# Random schedules of faults; docs/faults.md says how to play one again.
faults: setup
	@FAULT_SCHEDULES=$${FAULT_SCHEDULES:-200} FAULT_SEED=$${FAULT_SEED:-$$(date +%s)} \
	  $(BIN)/python -m pytest --numprocesses=auto --dist=worksteal --quiet tests/crawler/faults

bench: setup
	@$(BIN)/python -m bench

format: setup
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links
lock: setup
	@$(LOCK) -o requirements.txt requirements.in
	@$(LOCK) -o requirements-dev.txt requirements-dev.in

# An interrupted install leaves .installing behind, and begins anew the next time.
$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) was found: make run PYTHON=python3.12" >&2; exit 1; }
	@if test -e $(VENV)/.installing || ! test -x $(BIN)/python; then $(PYTHON) -m venv --clear $(VENV); fi
	@echo "Installing into $(VENV) (about half a minute) …"
	@touch $(VENV)/.installing
	@$(PIP) -r requirements.txt
	@rm $(VENV)/.installing
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what checks and tests need …"
	@touch $(VENV)/.installing
	@$(PIP) -r requirements-dev.txt
	@rm $(VENV)/.installing
	@touch $@
