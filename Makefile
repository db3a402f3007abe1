# Foldscape: `make up` starts everything, `make test` proves it. `make help` lists the rest.
VENV   := .venv
PYTHON ?= python3
PORT   ?= 8050
RUN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TESTED := $(VENV)/.installed-test
PIP    := $(RUN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help up test coverage test-slow test-api lint fix bench peers lock docs clean browser

help: ## list these verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

up: $(STAMP) ## install if needed, start everything, print the URL (PORT=8050)
	@$(RUN)/foldscape up --port $(PORT)

test: $(TESTED) browser ## every test, the real browser included
	@$(RUN)/python -m pytest -n logical --maxprocesses 4

coverage: $(TESTED) browser ## every test, and whether they still reach what they reached of each floor
	@$(RUN)/python -m pytest -n logical --maxprocesses 4 --cov --cov-report=
	@for floor in foldscape:95 workers:90 backend:90 frontend:90; do \
	$(RUN)/coverage report --include="$${floor%:*}/*" --skip-covered --sort=cover --fail-under=$${floor#*:} || exit 1; done

test-slow: $(TESTED) ## the long studies
	@$(RUN)/python -m pytest -m slow --timeout 3600

test-api: $(TESTED) ## thousands of generated calls of the API
	@$(RUN)/python -m pytest -m slow --timeout 3600 tests/backend/test_api_generated.py

lint: $(TESTED) ## ruff and mypy
	@$(RUN)/ruff check . && $(RUN)/ruff format --check . && $(RUN)/mypy

fix: $(TESTED) ## let ruff mend what it can
	@$(RUN)/ruff check --fix . ; $(RUN)/ruff format .

bench: $(TESTED) ## every benchmark: ours, the peer, the ratio
	@for name in loop engine studies tiny_sweep growth utilisation geometry curvature trajectory landscape topology runlog web live paced eye cold; do echo "== $$name"; $(RUN)/python -m benchmarks.$$name || exit 1; done

peers: $(TESTED) ## the libraries that the benchmarks measure beside ours
	@$(PIP) --no-deps pyhessian curvlinops-for-pytorch backpack-for-pytorch einops einconv linear_operator opt-einsum tqdm unfoldNd loss-landscapes

lock: $(TESTED) ## resolve the version of everything anew, into constraints.txt
	@$(RUN)/python .ci/lock.py

docs: $(TESTED) ## the manual, as a site in site/
	@$(RUN)/python -m docs.generate && $(RUN)/python -m frontend.vocabulary && $(RUN)/mkdocs build --strict --quiet

clean: ## forget the virtual environment and what was built
	rm -rf $(VENV) build site *.egg-info

browser: $(TESTED)
	@$(RUN)/python -m tests.browser.install

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Foldscape needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Foldscape into $(VENV) (a few minutes the first time) …"
	@$(PIP) --editable .
	@touch $@

$(TESTED): $(STAMP)
	@echo "Installing what the tests need …"
	@$(PIP) --editable '.[test,lint,docs,bench]'
	@touch $@
