# SPDX-License-Identifier: Apache-2.0
#
# Front door to CMake: each target installs what is missing, builds and runs. `make help`.

KINDS = exec exit fork open mkdir rmdir unlink rename link symlink chmod chown truncate
ARGS ?= trace $(KINDS)
FUZZ_SECONDS ?= 20
FUZZERS = $(basename $(notdir $(wildcard tests/fuzz/*_fuzz.cpp)))
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
# Tracing needs root; building does not.
SUDO = $(if $(filter 0,$(shell id -u)),,sudo)

.DEFAULT_GOAL := build
.PHONY: help build run test test-kernels bench asan fuzz lint format clean install uninstall \
        package test-package

help:
	@echo 'make                build'
	@echo 'make run            build and trace this machine; ARGS="trace exec -o json" for else;'
	@echo '                    where that is not allowed, it plays a recording instead'
	@echo 'make test           all tests that run here'
	@echo 'make test-kernels   the kernel tests on other kernels, in QEMU'
	@echo 'make asan           unit and kernel tests with AddressSanitizer and UBSan'
	@echo 'make fuzz           every fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make lint           clang-format, clang-tidy, shellcheck; FILES="src/a.cpp" for some'
	@echo 'make format         puts all files into style'
	@echo 'make bench          measure against the bars of bench/README.md'
	@echo 'make install        into PREFIX=/usr/local, beneath DESTDIR if given'
	@echo 'make uninstall      remove what that has written'
	@echo 'make package        Debian packages: build/release/*.deb'
	@echo 'make test-package   install, run and remove them in a new Debian, and boot one'
	@echo 'make clean          remove build/'

build:
	@scripts/setup run
	@scripts/build release

run:
	@scripts/setup run
	@scripts/build release -- outrider_program
	@exec scripts/run $(ARGS)

test:
	@scripts/setup run test
	@scripts/build release
	@$(SUDO) ctest --test-dir build/release --output-on-failure -j $(JOBS)

install:
	@scripts/setup run
	@scripts/build release -- outrider_installed
	@$(if $(DESTDIR),,$(SUDO)) env DESTDIR='$(DESTDIR)' \
	    cmake --install build/release --prefix '$(PREFIX)' --strip

uninstall:
	@$(if $(DESTDIR),,$(SUDO)) env DESTDIR='$(DESTDIR)' scripts/uninstall

package:
	@scripts/setup run package
	@scripts/build release -- outrider_installed
	@scripts/package

test-package: package
	@scripts/setup package kernels
	@$(SUDO) tests/package/install_test || [ $$? -eq 77 ]
	@$(SUDO) tests/package/systemd_test || [ $$? -eq 77 ]

test-kernels:
	@scripts/setup run kernels
	@scripts/build release
	@tests/kernels/run --build build/release --json build/kernels.json --junit build/kernels.xml

bench:
	@scripts/setup run bench
	@scripts/build release
	@$(SUDO) bench/run

asan:
	@scripts/setup run test fuzz
	@scripts/build asan -- outrider_program outrider_unit_tests outrider_kernel_tests
	@$(SUDO) ctest --test-dir build/asan --output-on-failure -j $(JOBS) -L 'unit|kernel' -E ShortLives

fuzz:
	@scripts/setup run fuzz
	@scripts/build asan -- $(FUZZERS)
	@scripts/fuzz $(FUZZ_SECONDS)

lint:
	@scripts/setup run lint
	@scripts/build clang -- empty_hooks_skeleton outrider_skeleton outrider_probe_skeleton \
	    outrider_generated
	@scripts/lint $(FILES)

format:
	@scripts/setup run lint
	@scripts/lint --format $(FILES)

clean:
	@rm -rf build
