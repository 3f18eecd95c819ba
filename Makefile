# The words people type. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
CORES ?= 2
CONFIG ?= config/config.yaml
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
# one BLAS thread a process: parallel work is outside, and the same bytes come out on any number of cores
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export UV_PYTHON_DOWNLOADS := never
export PYTHONUNBUFFERED := 1

.PHONY: help setup demo preview city tacolneston test test-workflow validate-transport check bench bench-packages osse clean

help: ## list these words
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(READY) ## make the isolated environment in .venv

$(READY): requirements.lock bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] < (3,14))' \
	  || { echo "cityflux needs Python 3.11, 3.12 or 3.13; found $$($(PYTHON) --version). Say PYTHON=python3.12 make ..."; exit 1; }
	@echo "setting up $(VENV) (once, about 1 minute)"
	@$(PYTHON) -m venv $(VENV) || { echo "python needs its venv module (Debian: apt install python3-venv)"; exit 1; }
	@if $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r bootstrap.lock \
	    && VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/uv pip install -q --require-hashes -r requirements.lock; \
	  then :; else echo "uv did not work here; going on with pip"; \
	    $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "cityflux.pth").write_text("$(CURDIR)\n")'
	@touch $@

demo: $(READY) ## run the built-in synthetic city; the page's path is printed at the end
	@$(PY) -m workflow.run --configfile $(CONFIG) --cores $(CORES)

preview: $(READY) ## what a run would tell, and what it would cost, before anything expensive
	@$(PY) -m workflow.run --configfile $(CONFIG) --cores $(CORES) --until preview

city: $(READY) ## run config/cities/CITY.yaml: make city CITY=glasgow (needs ../shared/data, or DATA=folder)
	@test -f config/cities/$(CITY).yaml || { echo "CITY must be one of: $(basename $(notdir $(wildcard config/cities/*.yaml)))"; exit 1; }
	@$(PY) -m workflow.run --configfile config/cities/$(CITY).yaml --cores $(CORES) $(if $(DATA),--data-root $(DATA))

tacolneston: $(READY) ## run the real tall tower (needs ../shared/data, or DATA=folder)
	@$(PY) -m workflow.run --configfile config/cities/tacolneston.yaml --cores $(CORES) $(if $(DATA),--data-root $(DATA))

osse: $(READY) ## print the coverage certificate of the synthetic city, planted faults included
	@$(PY) -m workflow.run --configfile $(CONFIG) --cores $(CORES) --until certificate

test: $(READY) ## the tests (under 15 minutes on two cores)
	@$(PY) -m pytest -q -n 2 --dist loadfile -m "not workflow and not validate"

test-workflow: $(READY) ## slow tests of the whole pipeline: kills and determinism
	@$(PY) -m pytest -q -m workflow tests/workflow

validate-transport: $(READY) ## T1 to T7 of the particle model at full size, and its certificate (ten minutes)
	@CERTIFICATE=docs/certificates $(PY) -m pytest -q -m validate tests/validate_transport

check: $(READY) ## lint, format, types, workflow lint, docs examples
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/snakefmt --check Snakefile workflow/rules
	@$(VENV)/bin/mypy contracts stations transport inventories inversion reconcile report synthetic
	@$(PY) -m workflow.lint
	@$(PY) -m pytest -q tests/docs

bench-packages: $(READY) ## install the public packages that bench compares with, in .venv/rivals* (1 GB)
	@$(PY) -m venv $(VENV)/rivals
	@$(VENV)/rivals/bin/pip install -q --disable-pip-version-check "fips==0.1.0b9" "cuqipy==1.5.1"
	@$(PY) -m venv $(VENV)/rivals_stations
	@$(VENV)/rivals_stations/bin/pip install -q --disable-pip-version-check "openghg==0.19.0"

bench: $(READY) ## benchmarks, as ratios against stated rivals and limits (a quarter of an hour)
	@$(PY) -m benchmarks
	@$(PY) -m benchmarks.readers
	@$(PY) -m benchmarks.particles

clean: ## remove results and caches (not the environment)
	rm -rf results .snakemake .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
