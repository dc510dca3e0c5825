# make demo      train on the digits that come with cnntrain, and evaluate
# make test      the test suite without its slow tests
# make test-all  with them
# make test-ci   all there are, as in CI
# Each creates the environment in .venv first.  PYTHON chooses the interpreter (3.11 or newer), TESTS
# the files and folders of tests, and CNNTRAIN_ENGINE whether the engine is compiled: auto (where
# there is a C compiler), no or require.

PYTHON ?= python3
BIN := .venv/bin
PYTEST = $(BIN)/python -m pytest --numprocesses auto --dist worksteal $(TESTS)  # on all cores
C := cnntrain/nn/engines/compiled

unexport PYTHONDONTWRITEBYTECODE  # each process under test would compile the package anew

.PHONY: demo test test-all test-fashion test-system test-ci check lint format bench note readme clean

.venv/installed: pyproject.toml $(C)/build.py $(C)/hatch_hook.py $(wildcard $(C)/*.[ch])
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --upgrade --target .venv/photographs scikit-image scikit-learn
	@$(BIN)/cnntrain --version
	@touch $@

demo: .venv/installed
	rm -rf runs/demo
	$(BIN)/cnntrain fit configs/digits.yaml --run runs/demo
	$(BIN)/cnntrain evaluate runs/demo
	@echo
	@echo "The run directory is $(CURDIR)/runs/demo"

test: .venv/installed
	$(PYTEST) -m "not slow and not fashion and not system"

test-all: .venv/installed
	$(PYTEST) -m "not fashion and not system"

# Needs Fashion-MNIST, such as Debian's package dataset-fashion-mnist.
test-fashion: .venv/installed
	$(PYTEST) -m fashion

# Needs Linux, root and strace: crashes and errors at chosen system calls, disks that are full;
# clang, aarch64-linux-gnu-gcc and qemu-user: one digest of the compiled engine; Chromium: pages;
# arm-linux-gnueabihf-gcc and arm-none-eabi-gcc: exported C.
test-system: .venv/installed
	$(PYTEST) -m system

# All of these at once, and PyTorch: a test that is skipped fails.
test-ci: .venv/installed
	$(PYTEST) --nothing-skipped

WARNINGS := -std=gnu11 -march=native -Wall -Wextra -Werror -fsyntax-only

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --style=file:$(C)/.clang-format --dry-run -Werror $(C)/*.[ch] tests/nn/engines/compiled/*.c
	@for compiler in gcc clang; do ! command -v $$compiler > /dev/null || \
	  (set -x; $$compiler $(WARNINGS) $(C)/*.c) || exit 1; done

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format --style=file:$(C)/.clang-format -i $(C)/*.[ch] tests/nn/engines/compiled/*.c

check: lint test

# cnntrain beside PyTorch: steps, memory, start-up, scaling; in some 8 minutes.
bench: .venv/installed
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python tests/benchmarks --json runs/bench.json

# The note's claims, measured: trains some 190 small networks, in minutes, into runs/note.
note: .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" sh configs/note/run.sh
	$(BIN)/cnntrain report --note runs/note

# The generated parts of the documents; with the note's tables: python tests/readme.py runs/note
readme: .venv/installed
	$(BIN)/python tests/readme.py

clean:
	rm -rf .venv build dist $(C)/built .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
