# Two targets are all a newcomer needs: `make demo` and `make test`. Each sets up what it needs.

PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Tests run two at a time on two cores: one thread a library.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: setup demo up test test-js test-pythons lint lint-js bench consumers browser screens clean

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes --no-deps --requirement requirements.lock
	$(INSTALL) --no-index --no-deps --no-build-isolation --editable .
	touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock requirements-dask.lock
	$(INSTALL) --require-hashes --no-deps --requirement requirements-dev.lock
	$(INSTALL) --require-hashes --no-deps --requirement requirements-dask.lock
	touch $@

demo: setup
	$(BIN)/boli demo

up: setup
	$(BIN)/boli up

lint: .venv/ready-dev lint-js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy examples
	$(BIN)/lint-imports

# Scripts and styles of the pages: prettier, eslint, tsc. Nothing of node_modules is served or shipped.
lint-js: node_modules/.package-lock.json
	npm run --silent lint

test-js:
	npm test --silent

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { echo "Scripts and styles are checked by programs of npm. Install Node 20.19 or later." >&2; exit 1; }
	npm ci --silent
	touch $@

test: lint test-pythons test-js consumers browser
	$(BIN)/pytest -n 2 --dist worksteal

# The rooms that are plain functions, on the other interpreters that we promise, as far as they are here.
test-pythons: .venv/ready-dev
	$(BIN)/python -m tests.pythons

# The environment in which lhotse opens what we publish; left out, with the reason, where pip finds no CPU build of torch.
consumers: .venv/ready-dev
	$(BIN)/python -m tests.consumers

# The pages are tested in Debian's Chromium, with fonts for the scripts they are read in.
browser:
	@command -v chromium >/dev/null || { apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends chromium fonts-noto-core; } \
		|| { echo "The tests look at the pages in Chromium. Install it as root: apt-get install chromium fonts-noto-core" >&2; exit 1; }

# Every screen at both sizes, for docs/: look at them before you commit them.
screens: .venv/ready-dev browser
	$(BIN)/pytest tests/portal/browser/test_every_screen.py --screens docs/screens

bench: .venv/ready-dev
	$(BIN)/python -m bench

clean:
	rm -rf .venv .venv-consumers .venv-pythons node_modules demo var .pytest_cache .mypy_cache .ruff_cache .hypothesis
