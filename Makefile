# Two commands: `make run` and `make test`. The rest is for developers; README.md says more.
PYTHON ?= python3
PORT ?= 8000
# `manage.py check --deploy` as a public site would be set; nothing is connected to.
PRODUCTION = DATABASE_URL=postgres://outreach@127.0.0.1/outreach REDIS_URL=redis://127.0.0.1:6379/0 \
	SECRET_KEY=only-to-check-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789 \
	SITE_URL=https://outreach.example.org EMAIL_URL=smtp+tls://user:password@mail.example.org:587

run:
	@$(PYTHON) deploy/start.py run $(or $(PORT),8000)

demo-reset:
	@$(PYTHON) deploy/start.py reset

test:
	@$(PYTHON) deploy/start.py test

test-services:
	@$(PYTHON) deploy/start.py test services

test-nightly: dev
	NIGHTLY=1 .venv/bin/python -m pytest -m nightly -s

lint: dev
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	DATABASE_URL=sqlite://:memory: SECRET_KEY=only-to-check .venv/bin/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) .venv/bin/python manage.py check --deploy --fail-level WARNING

dev:
	@$(PYTHON) deploy/start.py install dev

.PHONY: run demo-reset test test-services test-nightly lint dev
