# One command for each thing done here. ARGS reaches the program: make demo ARGS="--port 8090"

PYTHON ?= python3
ARGS   ?=
BIN    := .venv/bin
STAMP  := .venv/.installed
SOURCE := $(wildcard showctl simulators tests bench)
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format referees bench soak picture web clean

help:  ## Say what can be made here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP)  ## Make the environment in .venv (needs Python 3.11 or newer)
	@:

$(STAMP): pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "showctl needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one with: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make environments. On Debian: apt-get install python3-venv"; exit 1; }
	@[ -x $(BIN)/python ] || { echo "Making .venv ..."; $(PYTHON) -m venv .venv; }
	@echo "Installing into .venv (about a minute the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,demo]' 2>.venv/pip.log || { \
	  cat .venv/pip.log; exit 1; }
	@touch $(STAMP)

demo: setup  ## Run the bundled show on the simulated venue
	@$(BIN)/showctl demo $(ARGS)

check: setup  ## Lint, format, types and import rules
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right"; exit 1; }
	@$(BIN)/mypy --no-error-summary $(SOURCE)
	@$(BIN)/lint-imports --no-logo >.venv/imports.log 2>&1 || { cat .venv/imports.log; exit 1; }
	@find $(SOURCE) -name '*.py' -exec wc -l {} + | awk '$$1 > 450 && $$2 != "total" {print "getting long (500 at most): " $$2, $$1}'

format:  ## Put the layout of the code right
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

referees:  ## Install the third-party programs that judge our bytes, where that asks no question
	@.ci/referees

test: check referees  ## Everything: check, then all tests (ARGS="-k sacn" picks some)
	@$(BIN)/pytest -q -n $(WORKERS) -m 'not serial' $(ARGS) || [ $$? -eq 5 ]
	@$(BIN)/pytest -q -m serial $(ARGS) || [ $$? -eq 5 ]

bench: setup  ## Run the benchmarks; each prints its ratios
	@for file in $$(ls bench/*.py | grep -v -e __init__ -e soak -e ear); do echo "== $$file"; $(BIN)/python $$file $(ARGS) || exit 1; done

soak: setup  ## Run the show for hours on the simulated venue and watch for leaks and late frames
	@$(BIN)/python -m bench.soak $(ARGS)

picture: setup  ## Photograph the console during runs of the demo (docs/pictures)
	@$(BIN)/python tools/make_picture.py $(ARGS)

web: setup  ## Build the console's page from web/ into showctl/console/static (needs node 20 or newer, and npm)
	@$(BIN)/python tools/make_messages.py
	@cd web && { [ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund; } && npm run --silent build -- --logLevel warn

clean:  ## Remove the environment, caches and build output
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './web/*' -prune -exec rm -rf {} +
