# Two commands matter: `make demo` shows the main job, `make check` proves the tree. Both need Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := crawlers detectors jianzhen models review_api streams

.PHONY: demo test check format lint types contracts bench eval glyphs soak lock assets bundle clean

demo: $(VENV)/runtime
	$(BIN)/jianzhen demo $(if $(ONCE),--once)

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not soak"

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: $(VENV)/dev
	$(BIN)/python -m pytest -m soak

bench: $(VENV)/dev
	$(BIN)/python -m bench

DATA ?= ../shared/data
eval: $(VENV)/dev
	$(BIN)/python -m bench.quality --data $(DATA)
	$(BIN)/python -m bench.peer_quality --data $(DATA)
	$(BIN)/python -m bench.glyphs --data $(DATA)
	$(BIN)/python -m bench.wording_quality --data $(DATA)
	$(BIN)/python -m bench.devices --data $(DATA)

INPUTS ?= inputs
glyphs: $(VENV)/dev
	$(BIN)/python -m detectors.trademark.derivation.glyphs --inputs $(INPUTS)
	$(BIN)/python -m detectors.trademark.derivation.splits --inputs $(INPUTS)

# What the console takes from elsewhere (its chart library). Optional: every page works without it.
ASSETS := review_api/console/static/third-party/chart.js
assets: $(ASSETS)

$(ASSETS): requirements/assets/package-lock.json requirements/assets/build.py | $(VENV)/runtime
	$(BIN)/python requirements/assets/build.py

# Everything that an installation without a network needs, for this machine's kind and Python: dist/jianzhen-….tar.gz
bundle: $(VENV)/dev
	$(BIN)/python requirements/bundle/build.py --out dist

lock:
	uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url --generate-hashes pyproject.toml requirements/build.in -o requirements/runtime.lock
	uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url --generate-hashes pyproject.toml requirements/build.in --group dev -c requirements/runtime.lock -o requirements/dev.lock
	uv pip compile -q --universal --python-version 3.11 --no-header --no-emit-index-url --generate-hashes requirements/assets/node.in -o requirements/assets/node.lock
	cd requirements/assets && npm install --package-lock-only

$(VENV)/runtime: requirements/runtime.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev: requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/runtime

clean:
	rm -rf $(VENV) .jianzhen .servers dist $(dir $(ASSETS))
