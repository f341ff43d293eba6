# The commands of longwing; `make help` lists them.
#
# What they make stays in this folder: bin, .venv, .cache and build. Everything fetched is pinned to exact versions, in
# go.mod, tools/go.mod, tools/python/*.txt and toolkit/backend/pin.go. A step is done again only when its pins change:
# a stamp file in its folder carries their hash. Go, pip and Jupyter keep to the user's own configuration of where to
# fetch from.

GO     ?= go
PYTHON ?= python3

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup build notebooks test lint lab pair clean distclean

export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1

hash = $(shell { pwd -P; cat $(1); } | sha256sum | cut -c1-12)

VENV   := .venv/.made-$(call hash,tools/python/requirements.txt)
LAB    := .venv/lab/.made-$(call hash,tools/python/lab.txt)
KERNEL := .venv/share/jupyter/kernels/longwing/.made-$(call hash,notebooks/kernel/kernel.json notebooks/kernel/kernel.sh)
TOOLS  := bin/tools/.made-$(call hash,tools/go.mod tools/go.sum)
GOPLS  := bin/tools/.gopls-$(call hash,tools/lab/go.mod tools/lab/go.sum)

# Jupyter's settings, files and kernels are those of this folder, not those of the home folder.
JUPYTER = JUPYTER_DATA_DIR="$(CURDIR)/.venv/share/jupyter" JUPYTER_CONFIG_DIR="$(CURDIR)/.cache/jupyter/config" \
          JUPYTER_RUNTIME_DIR="$(CURDIR)/.cache/jupyter/runtime" IPYTHONDIR="$(CURDIR)/.cache/jupyter/ipython"

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

build: ## make bin/longwing (needs Go and a C compiler only)
	@mkdir -p bin
	@$(GO) build -o bin/longwing ./cmd/longwing

setup: $(VENV) $(KERNEL) $(TOOLS) build ## fetch what is missing: Python packages, the Go kernel, the XLA plugin
	@bin/longwing setup --quiet

notebooks: setup ## execute the notebooks and write build/site; make notebooks DATA=path for your own pictures
	@bin/longwing notebooks run $(NAMES) $(if $(DATA),--data "$(DATA)"); ran=$$?; \
	bin/longwing notebooks publish && exit $$ran

test: setup lint ## run the linters and all tests
	@echo 'go test -race ./...'
	@$(GO) test -race -timeout 30m ./...

lint: setup
	@echo 'gofmt'
	@unformatted=$$(find . -name '*.go' -not -path './.*' -not -path './build/*' -exec gofmt -l {} +); \
	if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	@echo 'go vet'
	@$(GO) vet ./...
	@echo 'staticcheck'
	@STATICCHECK_CACHE="$(CURDIR)/.cache/staticcheck" bin/tools/staticcheck ./...
	@echo 'notebook pairs'
	@bin/longwing notebooks check

lab: setup $(LAB) $(GOPLS) ## open JupyterLab with our kernel
	@cd notebooks && $(JUPYTER) ../.venv/lab/bin/python -m jupyterlab $(if $(filter 0,$(shell id -u)),--allow-root) $(LABFLAGS)

pair: setup ## write each notebooks/NAME.ipynb anew from the copy `make notebooks` executed
	@bin/longwing notebooks pair $(NAMES)

clean: ## remove build
	@rm -rf build

distclean: clean ## remove all that set-up made
	@rm -rf bin .venv .cache

$(VENV):
	@echo 'Python packages of tools/python/requirements.txt into .venv'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo 'Python 3.10 or later is needed: make PYTHON=/path/of/python3'; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --require-hashes -r tools/python/requirements.txt
	@touch $@

# JupyterLab has an environment of its own: with its packages around, jsonschema takes seconds to be imported.
$(LAB): $(VENV)
	@echo 'JupyterLab, the packages of tools/python/lab.txt, into .venv/lab'
	@rm -rf .venv/lab
	@$(PYTHON) -m venv .venv/lab
	@.venv/lab/bin/python -m pip install --quiet --require-hashes -r tools/python/lab.txt
	@touch $@

$(KERNEL): $(VENV)
	@echo 'Go kernel into .venv/share/jupyter/kernels/longwing'
	@mkdir -p $(@D)
	@cp notebooks/kernel/kernel.json notebooks/kernel/kernel.sh $(@D)
	@touch $@

$(TOOLS):
	@echo 'Go programs of tools/go.mod into bin/tools'
	@mkdir -p bin/tools
	@cd tools && GOWORK=off GOBIN="$(CURDIR)/bin/tools" $(GO) install tool
	@touch $@

$(GOPLS):
	@echo 'gopls of tools/lab/go.mod into bin/tools'
	@mkdir -p bin/tools
	@cd tools/lab && GOWORK=off GOBIN="$(CURDIR)/bin/tools" $(GO) install tool
	@touch $@
