# Two commands for a newcomer: `make run` and `make test`. `make help` lists the rest.
# Needs make and Python 3.11 or newer with its venv module; everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PYTEST_ARGS :=
REQUESTS := 1000000
PYTEST := $(PY) -m pytest -n 2 $(PYTEST_ARGS)

# What a server would have, for the checks that read the settings; the secrets are made up anew each time.
RANDOM := $$($(PY) -c 'import secrets; print(secrets.token_hex(32))')
PRODUCTION := DEBUG=0 HTTPS=1 SECRET_KEY=$(RANDOM) SNILS_KEYS=$(RANDOM) ALLOWED_HOSTS=portal.example.org \
	SITE_URL=https://portal.example.org MAIN_SITE_URL=https://www.example.org TRUSTED_PROXIES=1 \
	EMAIL_URL=smtp://127.0.0.1:25 DEFAULT_FROM_EMAIL=portal@example.org DATABASE_URL=sqlite://:memory:

.PHONY: help run test check format lint types migrations deployable test-sqlite test-postgres bench guide clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: $(RUNTIME) .env ## Start the portal with demo data on 127.0.0.1:$PORT (8000); Ctrl-C ends it
	$(PY) deploy/dev_server.py

test: test-sqlite ## Run all tests on SQLite, then those that only PostgreSQL can run
	$(PY) tests/with-postgres --optional $(PY) -m pytest -m postgres

check: lint types migrations deployable test-sqlite ## Everything a change must pass

format: $(DEV) ## Format the Python files and mend what ruff can mend
	$(PY) -m ruff format
	$(PY) -m ruff check --fix

lint: $(DEV) ## Format and style of the Python files, style of the templates
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	$(PY) -m djlint --lint --quiet templates

types: $(DEV) ## Strict types
	$(PY) -m mypy

migrations: $(RUNTIME)
	env $(PRODUCTION) $(PY) manage.py makemigrations --check --dry-run

deployable: $(RUNTIME)
	env $(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

test-sqlite: $(DEV)
	env -u DATABASE_URL $(PYTEST)

test-postgres: $(DEV) ## Run all tests on PostgreSQL: that of DATABASE_URL, or a throw-away cluster
	$(PY) tests/with-postgres $(PYTEST)

bench: $(DEV) ## Time the pages at $(REQUESTS) requests on a throw-away PostgreSQL; plans go to docs/query-plans.txt
	$(PY) tests/with-postgres $(PY) tests/bench.py --requests $(REQUESTS)

guide: $(DEV) ## Take the pictures of the staff guide anew; SCENES="queue answer" only these
	$(PY) docs/staff-guide/screenshots.py $(SCENES)

clean: ## Remove what the tools made; the data in var/ and .env stay
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: pip runs again only after a requirements file has changed.
$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	test -x $(VENV)/bin/pip || $(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Settings for development, written once and then yours. Letters go to files under var/mail.
.env: | $(RUNTIME)
	@umask 077; { \
	  echo '# Development settings, written by make run. .env.example explains every variable.'; \
	  echo "SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')"; \
	  echo 'DEBUG=1'; \
	  echo 'EMAIL_URL=filemail://'; \
	  echo 'MAIN_SITE_URL=https://www.example.org'; \
	  echo '# Bank details that do not exist, so that the payment code can be seen.'; \
	  echo 'PAYEE_NAME=ООО «Пример энергосети»'; \
	  echo 'PAYEE_INN=6166000060'; \
	  echo 'PAYEE_KPP=616601001'; \
	  echo 'PAYEE_ACCOUNT=40702810600000000001'; \
	  echo 'PAYEE_BANK=Банк Пример, г. Ростов-на-Дону'; \
	  echo 'PAYEE_BIC=046000999'; \
	  echo 'PAYEE_CORR_ACCOUNT=30101810500000000999'; \
	} > .env.new && mv .env.new .env
