# The commands of the project; `make help` lists them. One optimised build serves run, test and bench:
# what is tested is what ships. `cmake --preset dev` and the sanitizer presets are for daily work.

PRESET ?= release
BUILD := build/$(PRESET)
# Handed to ninja: `make NINJAFLAGS=-j1` helps a machine with little memory.
NINJAFLAGS ?=
# Handed to tools/test: `make test TESTFLAGS='--only core'`.
TESTFLAGS ?=
# The port of the demo shop: `make run PORT=50052`.
PORT ?= 50051

.DEFAULT_GOAL := build
.PHONY: help run test test-setup sanitize bench fmt lint build product setup test-peers clean

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 14

run: product ## Start a complete demo shop in ./.data and say how to use it
	@tools/run --build $(BUILD) --port $(PORT)

test: test-peers build ## Every test there is; the last line counts them
	@ninja -C $(BUILD) $(NINJAFLAGS) headers_alone
	@tools/test --build $(BUILD) $(TESTFLAGS)

test-setup: ## Install the test peers: Incus, Caddy, nginx, Chromium, ...
	@tools/setup tests

sanitize: ## Every test under asan and tsan; TESTFLAGS as for test
	@tools/sanitize $(TESTFLAGS)

bench: build ## Measure against the goals, as tables
	@bench/run --build $(BUILD)

build: $(BUILD)/build.ninja ## Build everything, into build/release
	@ninja -C $(BUILD) $(NINJAFLAGS)

fmt: ## Format the C++
	@tools/tidy/format

lint: setup ## clang-tidy over what differs from main; ALL=1: over everything
	@tools/tidy/lint $(if $(ALL),--all)

clean: ## Remove the builds; the demo shop in ./.data stays
	rm -rf build

product: $(BUILD)/build.ninja
	@ninja -C $(BUILD) $(NINJAFLAGS) product

setup:
	@tools/setup

# A CI machine is the tests' own, so they may install their peers there without being asked.
test-peers:
	@if [ "$$CI" = true ]; then tools/setup tests; fi

$(BUILD)/build.ninja: CMakePresets.json | setup
	@cmake --preset $(PRESET)
