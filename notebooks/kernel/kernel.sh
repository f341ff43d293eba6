#!/bin/sh
# Starts GoNB, the Go kernel, for longwing's notebooks. Jupyter calls it with the connection file.
# It is installed into <checkout>/.venv/share/jupyter/kernels/longwing and finds the checkout from there.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
LONGWING_HOME=$(CDPATH='' cd -- "$here/../../../../.." && pwd -P)
LONGWING_CACHE=${LONGWING_CACHE:-$LONGWING_HOME/.cache}
export LONGWING_HOME LONGWING_CACHE

# A cell is a program that imports longwing's packages through a go.work file, which GoNB makes. Settings of the user
# that contradict it are dropped. Leaving out the tables for debuggers (-s -w) halves the time a cell takes to link.
unset GOWORK
export GOFLAGS="$(go env GOFLAGS | tr ' ' '\n' | grep -v '^-mod=' | tr '\n' ' ')'-ldflags=-s -w'"

# goimports, and gopls if `make lab` built it, come before any others.
export PATH="$LONGWING_HOME/bin/tools:$PATH"

exec "$LONGWING_HOME/bin/tools/gonb" --kernel "$1" -raw_error=true -go_work="$LONGWING_HOME" \
	-logtostderr=false -log_file=/dev/null -stderrthreshold=FATAL
