# SPDX-License-Identifier: GPL-2.0
# For people; Kbuild is what the kernel's build system reads.
#
#   make                 build for the running kernel (KDIR= for another)
#   make install         install the module, the files that load it, header and manual
#   make uninstall       take that away again
#   make dkms-install    install the sources, for dkms to build the module from
#   make deb             a package of that for Debian, in build/
#   make rpm             a package of that for distributions with rpm, in build/
#   make report          print what a bug report needs
#   make tools           build the command vfio-pasid
#   make install-tools   install it, its man page and completion
#   make check           the tests, on Linux 6.1 (T="<name>...": these, KERNELS="6.12 lab": there)
#   make check-more      on 6.12 and the lab kernel, what 6.1 cannot show
#   make matrix          what can differ on all kernels, for an hour, and docs/kernels.md
#   make headers         compile for all kernel headers that Debian has, for docs/kernels.md
#   make vm              a shell in the VM of a test (T=<name>, KERNEL=lab)
#   make packages-test   build and test the packages, in clean roots
#   make mutate          break each rule once, and see a unit test fail
#   make soak            the tests that race and choose at random, for hours
#   make bench           count what the module costs, and write docs/performance.md
#   make fuzz            fuzz the decision (SECONDS=60)
#   make vmm             VMMs: QEMU with integration/qemu, which it builds once, DMA with PASIDs,
#                        Debian's QEMUs and libvirt, DPDK, the kernel's tests of vfio, and
#                        docs/vmms.md (T="stock": only that)
#   make demo            see it work, without any special device
#   make pictures        the pictures in docs/, from a run of that
#   make clean
#   make help            this list

KDIR ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
INSTALL_MOD_PATH ?= $(DESTDIR)
PREFIX ?= /usr
# An administrator's files are in /etc, those of packages in $(PREFIX)/lib
MODPROBE_D ?= /etc/modprobe.d

version := $(shell cat VERSION)

# What uname -r says of that kernel; Debian's kernel.release has another number
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
MODULE_DIR = $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/updates

# What dkms builds from: no tests, nothing that was built
dkms_dir = $(DESTDIR)/usr/src/vfio-pasid-$(version)
dkms_files = Kbuild Makefile VERSION LICENSE $(wildcard data/*) \
	$(wildcard include/linux/*.h include/uapi/linux/*.h) \
	$(filter-out %.mod.c vfio_pasid_table.h,$(wildcard *.c *.h))

all: module

module:
	@sh data/check-kernel.sh "$(KDIR)" >&2
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" TABLE="$(abspath $(TABLE))" modules

clean:
	rm -rf -- *.o *.ko *.mod *.mod.c .*.cmd *.symvers modules.order \
		.tmp_versions .module-common.o vfio_pasid_table.h
	for d in $(wildcard tools/selftests tools/vfio-pasid); do $(MAKE) -C $$d clean; done
	rm -rf build

install: module install-data
	install -D -m 644 vfio-pasid.ko "$(MODULE_DIR)/vfio-pasid.ko"
	depmod $(if $(INSTALL_MOD_PATH),-b "$(INSTALL_MOD_PATH)") "$(RELEASE)"

# All but the module
install-data:
	install -D -m 644 data/modprobe.conf "$(DESTDIR)$(MODPROBE_D)/vfio-pasid.conf"
	install -D -m 644 data/modules-load.conf "$(DESTDIR)$(PREFIX)/lib/modules-load.d/vfio-pasid.conf"
	install -D -m 644 data/table.txt "$(DESTDIR)$(PREFIX)/share/vfio-pasid/table.txt"
	install -D -m 644 include/uapi/linux/vfio_pasid.h "$(DESTDIR)$(PREFIX)/include/linux/vfio_pasid.h"
	install -D -m 644 data/vfio-pasid.4 "$(DESTDIR)$(PREFIX)/share/man/man4/vfio-pasid.4"

dkms-install: install-data
	for f in $(dkms_files); do install -D -m 644 "$$f" "$(dkms_dir)/$$f" || exit 1; done
	sed 's/#MODULE_VERSION#/$(version)/' data/dkms.conf > "$(dkms_dir)/dkms.conf"

uninstall:
	rm -f "$(MODULE_DIR)/vfio-pasid.ko" \
		"$(DESTDIR)$(MODPROBE_D)/vfio-pasid.conf" \
		"$(DESTDIR)$(PREFIX)/lib/modules-load.d/vfio-pasid.conf" \
		"$(DESTDIR)$(PREFIX)/include/linux/vfio_pasid.h" \
		"$(DESTDIR)$(PREFIX)/share/vfio-pasid/table.txt" \
		"$(DESTDIR)$(PREFIX)/share/man/man4/vfio-pasid.4"
	rm -rf "$(dkms_dir)"
	-rmdir "$(DESTDIR)$(PREFIX)/share/vfio-pasid"
	depmod $(if $(INSTALL_MOD_PATH),-b "$(INSTALL_MOD_PATH)") "$(RELEASE)"

deb rpm:
	tools/packaging/$@.sh

report:
	@sh data/report.sh

tools:
	$(MAKE) -C tools/vfio-pasid TABLE="$(abspath $(TABLE))"

install-tools uninstall-tools:
	$(MAKE) -C tools/vfio-pasid DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" $(@:-tools=)

check:
	tools/selftests/check.sh $(T)

# Lifetimes, locks, races and the IOMMU, and all that the kernel has to judge. Not
# here, but in 6.1's and in matrix: install transparent
lab_tests := pasid host sysfs source set reset hotreset order parked fault guard storm \
	control patches docs

# What 6.1 cannot show: 6.12's core has what tells it from 6.1's, it shows DVSECs
check-more:
	KERNELS=6.12 tools/selftests/check.sh $(or $(T),source set guard)
	KERNELS=lab tools/selftests/check.sh $(or $(T),$(lab_tests))

matrix:
	KERNELS="$(KERNELS)" T="$(T)" tools/selftests/matrix.sh

headers:
	HEADERS="$(HEADERS)" tools/selftests/headers.sh

vm:
	tools/selftests/vm.sh $(T)

packages-test:
	tools/packaging/test.sh

mutate:
	MUTANTS="$(MUTANTS)" tools/selftests/check.sh mutate

# SOAK=N: N times as long as in make check
soak:
	KERNELS="$(or $(KERNELS),lab)" SOAK="$(or $(SOAK),20)" SEED="$(SEED)" \
		tools/selftests/check.sh $(or $(T),unit reset storm order)

# QUICK=1: only what make check does
bench:
	QUICK="$(QUICK)" tools/selftests/bench.sh

vmm:
	T="$(T)" tools/selftests/vmm.sh

# SECONDS=60; needs clang and libclang-rt-14-dev
fuzz:
	$(MAKE) -C tools/selftests/unit fuzz

help:
	@sed -n 's/^#   //p' Makefile

demo:
	tools/vm/demo.sh

pictures:
	tools/vm/demo.sh pictures

.PHONY: all module clean install install-data dkms-install uninstall tools \
	install-tools uninstall-tools deb rpm report check packages-test mutate soak \
	vmm fuzz bench demo pictures help vm matrix headers check-more
