# Every target installs what it misses, cleans up after itself and can be run again.
SHELL := /bin/bash
BUILD := build/release
# Where nothing is built yet, the demo's programs are not optimised: they compile in two thirds of the time.
SHOWN := $(if $(wildcard $(BUILD)/bin/walpulse-monitor),$(BUILD),build/demo)
JOBS ?= $(shell nproc)
export WALPULSE_BIN ?= $(CURDIR)/$(BUILD)/bin
PYTEST := .venv/bin/python -m pytest
PYTEST_WORKERS ?= 3
BENCH_PROGRAMS := walpulse-connector walpulse-monitor mage_sim walpulse_bench publish_sink monitor_load

.PHONY: help setup setup-build setup-check setup-fuzz demo build build-demo build-integration build-unit test test-unit test-integration test-versions torture asan tsan fuzz check format bench screenshots install uninstall package clean

help: ## this list
	@echo 'walpulse: PostgreSQL WAL -> Pub/Sub -> Cloud Monitoring, for Mage.ai pipeline runs'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  DEMO_SECONDS=20 make demo   the demo ends by itself; DEMO_SINK=push leaves Pub/Sub out'

setup: ## install what building, testing and checking need (Debian 12; root or sudo)
	@deploy/setup/setup.sh test

setup-build setup-check setup-fuzz:
	@deploy/setup/setup.sh $(@:setup-%=%)

build: setup-build ## build the programs and the simulator into build/release/bin
	@[ -e $(BUILD)/build.ninja ] || cmake --preset release -DBUILD_TESTING=OFF >/dev/null
	@[ -x $(BUILD)/bin/walpulse-connector ] || \
	  echo 'building walpulse: usually 2 to 3 minutes on 2 cores; later builds take seconds'
	@cmake --build --preset release -j $(JOBS) --target programs

demo: $(if $(filter $(BUILD),$(SHOWN)),build,build-demo) ## install, build, run Mage-like runs through everything; Ctrl-C ends it
	@exec python3 deploy/demo/demo.py --bin $(abspath $(SHOWN))/bin $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS)) $(if $(DEMO_SINK),--sink $(DEMO_SINK))

build-demo: setup-build
	@[ -e build/demo/build.ninja ] || cmake --preset demo >/dev/null
	@[ -x build/demo/bin/walpulse-monitor ] || \
	  echo 'building walpulse for a look, not optimised: usually 2 minutes on 2 cores; later builds take seconds'
	@cmake --build --preset demo -j $(JOBS)

# What most of the time goes into are tests that wait: the unit tests are compiled beside them.
test: setup ## install, build and pass every test
	@$(MAKE) -s build-integration
	@deploy/setup/beside.py '$(MAKE) -s build-unit' $(MAKE) -s test-integration
	@ctest --preset release -j $(JOBS)

test-unit: build-unit ## the unit tests, built and run
	@ctest --preset release -j $(JOBS)

build-unit: setup-check
	@cmake --preset release -DBUILD_TESTING=ON >/dev/null
	@[ -x $(BUILD)/tests/monitor/ledger_test ] || \
	  echo 'building walpulse and its tests: usually 8 to 10 minutes on 2 cores; later builds take seconds'
	@cmake --build --preset release -j $(JOBS)

build-integration: setup-check
	@cmake --preset release -DBUILD_TESTING=ON >/dev/null
	@$(MAKE) -s build
	@cmake --build --preset release -j $(JOBS) --target integration_programs

test-integration: setup ## the built programs against real PostgreSQL and Google's emulator: TESTS='files', PYTEST_ARGS='-k toast'
	@[ -x $(BUILD)/bin/channel_send ] || $(MAKE) build-integration
	@exec $(PYTEST) $(or $(TESTS),tests_integration) -q --durations=20 -n $(PYTEST_WORKERS) --dist loadfile $(PYTEST_ARGS)

test-versions: ## the core of them on PostgreSQL 13 to 18, one table: VERSIONS='13 18'
	@deploy/setup/setup.sh versions
	@[ -x $(BUILD)/bin/walpulse-connector ] || $(MAKE) build
	@exec .venv/bin/python tests_integration/versions.py build/postgres $(VERSIONS)

torture: setup ## every survivable fault at once: DURATION=180 SEED=1 RATE=300 EMULATOR_MEMORY=4g
	@[ -x $(BUILD)/bin/walpulse-connector ] || $(MAKE) build
	@PYTHONPATH=tests_integration exec .venv/bin/python -m torture --duration $(or $(DURATION),180) --seed $(or $(SEED),1) --rate $(or $(RATE),300) --emulator-memory $(or $(EMULATOR_MEMORY),4g)

asan: setup-check ## the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan --target unit_tests -j $(JOBS)
	@ctest --preset asan -j $(JOBS)

tsan: setup ## the unit tests and both programs under ThreadSanitizer
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan -j $(JOBS)
	@ctest --preset tsan -j $(JOBS)
	@TSAN_OPTIONS=halt_on_error=1 WALPULSE_BIN=$(CURDIR)/build/tsan/bin $(PYTEST) -q tests_integration/monitor/test_flow.py tests_integration/capture/test_events.py

fuzz: setup-fuzz ## every fuzz target for FUZZ_SECONDS=600 each, under ASan and UBSan
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz -j $(JOBS)
	@python3 tests/fuzz/run.py build/fuzz --seconds $(or $(FUZZ_SECONDS),600) $(FUZZ_TARGETS)

check: setup-check ## formatting, layers, statements and lint
	@deploy/setup/check.sh

format: setup-check ## let clang-format have its way
	@set -o pipefail; git ls-files '*.cpp' '*.h' | xargs clang-format -i

bench: setup ## every benchmark, one table, some 25 minutes after its build: BENCH_ARGS='drain latency', '--smoke'
	@cmake --preset release -DBUILD_TESTING=ON >/dev/null
	@cmake --build --preset release -j $(JOBS) --target $(BENCH_PROGRAMS)
	@exec .venv/bin/python bench/run.py $(BENCH_ARGS)

screenshots: setup ## the pictures of the page that README.md shows; URL=http://... of a monitor that runs
	@.venv/bin/python deploy/screenshots/take.py $(URL)

# Nothing is built here: `sudo make install` would leave root's files among the user's.
install: ## the programs, manual pages, completions into PREFIX (default /usr/local); DESTDIR works
	@[ -x $(BUILD)/bin/walpulse-connector ] && [ -x $(BUILD)/bin/walpulse-monitor ] && [ -e $(BUILD)/package/manual.stamp ] || \
	  { echo 'install: nothing is built in $(BUILD): run make build first, as the user whose folder this is' >&2; exit 1; }
	@cmake --install $(BUILD) --prefix $(or $(PREFIX),/usr/local)
	@[ $$(id -u) -ne 0 ] || chown --reference=$(BUILD) $(BUILD)/install_manifest.txt

uninstall: ## remove what the last make install put there; with DESTDIR, from there
	@[ -e $(BUILD)/install_manifest.txt ] || \
	  { echo 'uninstall: $(BUILD)/install_manifest.txt, which make install writes, is not there' >&2; exit 1; }
	@while IFS= read -r file || [ -n "$$file" ]; do rm -fv "$(DESTDIR)$$file"; done <$(BUILD)/install_manifest.txt
	@rm -f $(BUILD)/install_manifest.txt

package: build ## the Debian package, in build/release; apt-get install ./build/release/walpulse_*.deb
	@cd $(BUILD) && set -o pipefail && cpack -G DEB | tail -n 1

clean: ## remove what was built
	@rm -rf build .venv .pytest_cache
