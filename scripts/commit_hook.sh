#!/bin/sh
# What `make install` puts into .git/hooks: the checks of .pre-commit-config.yaml once their tools are there
# (`make check` and `make test` bring them).
[ -x .venv/bin/pre-commit ] || exit 0
exec .venv/bin/pre-commit run
