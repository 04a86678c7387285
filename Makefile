# Needs only Python 3.11 or later, make and git; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check trust fuzz train card experiments bench simulate audit smoke readme lint types layers lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "framelens needs Python 3.11 or later; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python cannot make virtual environments; install its venv package (Debian: python3-venv)" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Classify three sample articles with the shipped model
	@$(BIN)/framelens classify --format table data/samples

test: $(READY) ## Run all tests
	@$(BIN)/python -m pytest

check: $(READY) lint types layers test ## Everything that must pass before a commit: style, types, layers, tests

TRUST := tests/test_hostile_models.py tests/test_hostile_text.py tests/test_escapes.py tests/test_faults.py tests/test_append.py tests/test_corpus.py \
	tests/test_guard.py tests/test_supply.py
trust: $(READY) ## Hostile files and requests, text from anywhere, faults made to happen, load; what was tried and lost (15 minutes)
	@FRAMELENS_TRUST=docs/trust.txt FRAMELENS_KILLS=30 FRAMELENS_EXAMPLES=1000 FRAMELENS_API_REQUESTS=100 FRAMELENS_LOAD_SECONDS=300 \
		$(BIN)/python -m pytest -q $(TRUST)

SECONDS := 600
fuzz: $(READY) ## Look for inputs that break reading, splitting, scoring or importing: make fuzz SECONDS=60 (Linux)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r fuzz/requirements.txt
	@$(BIN)/python fuzz/fuzz.py -max_total_time=$(SECONDS)

lint: $(READY) ## Check style
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(READY) ## Check types
	@$(BIN)/mypy

layers: $(READY) ## Check that modules import only from the layers below
	@$(BIN)/lint-imports

train: $(READY) ## Check the labelled set, retrain, and show the new figures beside the old
	@$(BIN)/framelens data check
	@$(BIN)/framelens train --origin written

card: $(READY) ## Measure the shipped model anew and write its card, models/README.md
	@$(BIN)/framelens evaluate --origin written --json > models/.figures.json && mv models/.figures.json models/figures.json
	@if ls data/articles/*.txt >/dev/null 2>&1; then $(BIN)/framelens transfer --json > models/.transfer.json && mv models/.transfer.json models/transfer.json; fi
	@$(BIN)/framelens model card --output models/README.md

experiments: $(READY) ## Measure what was tried beside the shipped model, write docs/experiments.md (half an hour or more)
	@$(BIN)/python benchmarks/experiments.py

simulate: $(READY) ## Check by 1,000 simulated corpora a row that intervals of shares hold, write docs/prevalence-simulation.md (minutes)
	@$(BIN)/python benchmarks/simulate_prevalence.py

bench: $(READY) ## Time the shipped model beside other tools, write docs/benchmarks.md (half an hour; 300 MB more)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r benchmarks/comparators.txt -r benchmarks/requirements.txt
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/bench.py

audit: $(READY) ## List licences of all that comes with framelens, and known vulnerabilities of it
	@$(BIN)/python tests/supply.py

smoke: $(READY) ## Try the wheel in a new environment without extras: help, classify, train
	@$(BIN)/python tests/smoke.py

readme: $(READY) ## Write the outputs shown in the README and the datasheet anew
	@$(BIN)/python tests/console_blocks.py

lock: $(READY) ## Pin all dependencies anew, with hashes
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-index-url --python-version 3.11 \
		--custom-compile-command 'make lock' --all-extras --group dev --upgrade --output-file requirements.lock pyproject.toml

clean: ## Remove what make has set up
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
