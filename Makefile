# Every target sets up what it needs; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.locked

.DEFAULT_GOAL := help
.PHONY: help setup demo dev test test-real check format bench defects chaos deep compose-smoke rolling docs schemas lock clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv from the hash-locked list, from wheels only; .venv/bin/entente is the operator's terminal

$(STAMP): requirements.lock pyproject.toml
	@echo "setting up $(VENV) from requirements.lock (once; about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit("Entente needs Python 3.11 or later: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "  1 of 3: an environment of $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "  2 of 3: the locked packages, checked by their hashes (the longest step)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r requirements.lock
	@echo "  3 of 3: Entente itself"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-build-isolation --no-deps -e .
	@touch $@

demo: $(STAMP) ## run three cases from request to complete team, told on the terminal
	@$(BIN)/python -m deploy.demo

dev: $(STAMP) ## start the embedded stack and stay up (DATA=demo fills it); writes build/dev.json
	@$(BIN)/python -m deploy.dev $(if $(DATA),--data $(DATA))

test: $(STAMP) ## all tests on the embedded stack (ENTENTE_SERVERS=auto: on real servers where there are some); build/junit.xml, build/coverage.xml
	@mkdir -p build
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long" --junitxml=build/junit.xml --cov --cov-report=xml:build/coverage.xml --cov-report=

test-real: $(STAMP) ## the same tests and tests/real on a real Kafka and MongoDB (ENTENTE_STACK=, or Docker); build/junit-real.xml
	@mkdir -p build
	@ENTENTE_SERVERS=real $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not stand_ins" --junitxml=build/junit-real.xml --durations=15 \
		$(or $(TESTS),tests/integration tests/e2e $(wildcard tests/real))

check: $(STAMP) ## format, lint, types, fences, contracts, generated pages
	@mkdir -p build
	@$(BIN)/ruff format --check --quiet . || (echo "format differs: run 'make format'" && exit 1)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > build/imports.txt || (cat build/imports.txt && exit 1)
	@$(BIN)/python -m shared.contracts.freeze --check
	@$(BIN)/python -m shared.contracts.document --check
	@$(BIN)/python -m docs.reference --check
	@$(BIN)/python -m docs.notices --check
	@$(BIN)/python -m deploy.images --check
	@echo "check: all in order"

format: $(STAMP) ## format and mend what can be mended by itself
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(STAMP) ## speed and size as ratios within one run; build/bench.json
	@$(BIN)/python -m benchmarks

defects: $(STAMP) ## plant known defects one by one and see the named tests catch each (REAL=1: on real servers)
	@$(BIN)/python -m tests.defects $(if $(REAL),--real)

chaos: $(STAMP) ## kill services and servers under whole cases (SEED=, KILLS=, REQUESTS=); build/chaos.json
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(KILLS),--kills $(KILLS)) $(if $(REQUESTS),--requests $(REQUESTS))

deep: $(STAMP) ## the large volumes, seeded (SEED=), at most 60 minutes; build/deep.json
	@$(BIN)/python -m tests.deep $(if $(SEED),--seed $(SEED))

compose-smoke: $(STAMP) ## docker-compose.yml from nothing to a complete story, on REPLICAS=3 of matching, and away again; needs Docker
	@mkdir -p build
	@$(BIN)/python -m deploy.compose --replicas $(or $(REPLICAS),3)
	@ENTENTE_IMAGES=built $(BIN)/python -m pytest -q -n 0 tests/compose

rolling: $(STAMP) ## restart every replica under load behind the compose file's proxy, no error allowed (needs ENTENTE_KAFKA); build/rolling.json
	@$(BIN)/python -m tests.rolling $(if $(SEED),--seed $(SEED))

docs: $(STAMP) ## write the generated pages: docs/events.md, docs/asyncapi.json, docs/reference.md, docs/notices.md, deploy/images/*.txt
	@$(BIN)/python -m shared.contracts.document --write
	@$(BIN)/python -m docs.reference --write
	@$(BIN)/python -m docs.notices --write
	@$(BIN)/python -m deploy.images --write

schemas: $(STAMP) ## freeze additions to the contracts (refuses breaking changes)
	@$(BIN)/python -m shared.contracts.freeze --write

lock: ## lock the dependencies again (needs uv)
	uv pip compile -q pyproject.toml --all-extras --generate-hashes --universal --python-version 3.11 \
		--only-binary :all: --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements.lock

clean: ## remove the environment and everything built
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
