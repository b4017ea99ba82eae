# `make run` and `make test` are all a newcomer needs; the rest are longer forms.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PORT ?= 8000
MYAPP_PORT ?= 8080
CYCLES ?= 2000
EXECUTIONS ?= 10000000
# Through cat, since on a terminal SwiftPM adds a colour flag to every command and would build everything anew.
RELEASE := swift build -c release --static-swift-stdlib --scratch-path .build-release
SERVER := $(CURDIR)/.build-release/release/chroma

.PHONY: run test build conformance crash fuzz bench bench-quick churn bench-ready sanitize format upsun-local help test-deploy test-deploy-cold

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

run: build ## build in release, start the server (./chroma_data, port $(PORT)) and the sample app (port $(MYAPP_PORT))
	@PORT=$(PORT) MYAPP_PORT=$(MYAPP_PORT) scripts/run

build: ## the release binaries, .build-release/release/chroma and myapp
	@scripts/dependencies build
	$(RELEASE) --product chroma 2>&1 | cat
	$(RELEASE) --product myapp 2>&1 | cat

test: ## everything CI runs, about 45 minutes on 2 cores from a fresh clone
	@scripts/dependencies test
	@scripts/test

conformance: build ## all of Chroma's own test suite, with a fresh seed
	@scripts/dependencies test
	python3 Tests/Conformance/run.py --server $(SERVER) --jobs 2

crash: build ## CYCLES (2000) of kill -9, and thousands of disk images
	@scripts/dependencies test
	python3 Tests/Conformance/environment.py
	.venv-suite/bin/python Tests/Crash/kill_cycles.py --server $(SERVER) --cycles $(CYCLES)
	.venv-suite/bin/python Tests/Crash/disklog/replay.py --server $(SERVER) --samples 3000 --ops 120
	.venv-suite/bin/python Tests/Crash/disklog/replay.py --server $(SERVER) --samples 500 --rows 8000

fuzz: ## EXECUTIONS (10 million) of what reads credentials and roles, on mutated input
	@scripts/dependencies build
	swift run -c release --scratch-path .build-release access-fuzz --executions $(EXECUTIONS) 2>&1 | cat

# What the benchmark starts beside the server: hnswlib is compiled with g++, the load generator with gcc.
ENGINE := CHROMA_FLOORS=engine swift build -c release --scratch-path .build-engine-release
BENCH := .venv-bench/bin/python Tests/Benchmarks/run.py

bench: bench-ready ## this server and index against their peers, 2.5 hours on 2 cores; fails below a floor (BENCH_ARGS=--continue after a break)
	$(BENCH) --publish $(BENCH_ARGS)

bench-quick: bench-ready ## the same on small data, for development, 5 minutes; publishes nothing
	$(BENCH) --quick --set text $(BENCH_ARGS)

churn: bench-ready ## an hour of upserts and deletes of the same ids: memory and disk stop growing, each is found; then ids after churn, up to a million
	.venv-bench/bin/python Tests/Benchmarks/churn.py --server $(SERVER) --minutes 60 --output .bench/churn
	cp .bench/churn.svg docs/benchmarks/churn.svg
	.venv-bench/bin/python Tests/Benchmarks/unreachable.py --server $(SERVER)

bench-ready: build
	@scripts/dependencies bench
	python3 Tests/Conformance/environment.py
	python3 Tests/Benchmarks/environment.py
	$(ENGINE) --product vector-index-bench 2>&1 | cat
	$(ENGINE) --product embeddings-bench 2>&1 | cat
	$(SERVER) embeddings fetch

# Without optimisation under the thread sanitizer: inlined, the standard library's Mutex cannot be told from what it guards
# (see Tests/thread-sanitizer.supp). Leaks are not counted: the test runner itself leaks 144 bytes. The tests with threads of their own; the others have one.
sanitize: ## tests of the index, storage and engine under the thread and the address sanitizer
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/thread-sanitizer.supp" CHROMA_FLOORS=engine swift test --sanitize=thread --scratch-path .build-thread --filter 'oncurren|RecordTable|Snapshot'
	ASAN_OPTIONS=detect_leaks=0 CHROMA_FLOORS=engine CHROMA_TEST_SPEED=1 swift test --sanitize=address --scratch-path .build-address --filter 'VectorIndexTests|StorageTests'

# The verb and its words in ARGS; `up` and `redeploy` deploy the release binaries. .upsun-local holds what it keeps.
upsun-local: ## the Upsun bundle on this machine, both apps as on the platform (ARGS=--help, ARGS="env myapp", …)
	@scripts/dependencies emulator
	$(if $(filter --help -h,$(ARGS)),,$(if $(filter up redeploy,$(or $(ARGS),up)),@test -x $(SERVER) || $(MAKE) --no-print-directory build))
	@UPSUN_LOCAL_BINARIES=$(dir $(SERVER)) deploy/upsun-local/upsun-local $(or $(ARGS),up)

test-deploy: build ## the bundle deployed on this machine: nineteen promises of docs/deploy/upsun.md (PART="--only closed" for a part)
	@scripts/dependencies test
	python3 Tests/Deploy/run.py --server $(SERVER) --myapp $(dir $(SERVER))myapp $(PART)

test-deploy-cold: ## as root: both applications built from source in a bare Debian, cold, warm and changed; half an hour on 2 cores
	python3 Tests/Deploy/cold_build.py

format: ## rewrite sources in the house's format
	swift format -i --recursive Package.swift Sources chroma myapp/Sources Tests
