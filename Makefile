# SPDX-License-Identifier: GPL-2.0
# For people; Kbuild is what the kernel's build system reads.
#
#   make                 build for the running kernel (KDIR= for another)
#   make install         install the module, the files that load it, and the header
#   make uninstall       take that away again
#   make report          print what a bug report needs
#   make check           all tests (T="<name>...": these, KERNELS="6.1 lab": there)
#   make soak            the tests that race and choose at random, for hours
#   make fuzz            fuzz the decision (SECONDS=60)
#   make demo            see it work, without any special device
#   make clean

KDIR ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
INSTALL_MOD_PATH ?= $(DESTDIR)
PREFIX ?= /usr

# What uname -r says of that kernel; Debian's kernel.release has another number
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
MODULE_DIR = $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/updates

all: module

module:
	@sh data/check-kernel.sh "$(KDIR)" >&2
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" TABLE="$(abspath $(TABLE))" modules

clean:
	rm -rf -- *.o *.ko *.mod *.mod.c .*.cmd *.symvers modules.order \
		.tmp_versions .module-common.o vfio_pasid_table.h
	$(MAKE) -C tools/selftests clean

install: module install-data
	install -D -m 644 vfio-pasid.ko "$(MODULE_DIR)/vfio-pasid.ko"
	depmod $(if $(INSTALL_MOD_PATH),-b "$(INSTALL_MOD_PATH)") "$(RELEASE)"

# All but the module
install-data:
	install -D -m 644 data/modprobe.conf "$(DESTDIR)/etc/modprobe.d/vfio-pasid.conf"
	install -D -m 644 data/modules-load.conf "$(DESTDIR)$(PREFIX)/lib/modules-load.d/vfio-pasid.conf"
	install -D -m 644 data/table.txt "$(DESTDIR)$(PREFIX)/share/vfio-pasid/table.txt"
	install -D -m 644 include/uapi/linux/vfio_pasid.h "$(DESTDIR)$(PREFIX)/include/linux/vfio_pasid.h"

uninstall:
	rm -f "$(MODULE_DIR)/vfio-pasid.ko" \
		"$(DESTDIR)/etc/modprobe.d/vfio-pasid.conf" \
		"$(DESTDIR)$(PREFIX)/lib/modules-load.d/vfio-pasid.conf" \
		"$(DESTDIR)$(PREFIX)/include/linux/vfio_pasid.h" \
		"$(DESTDIR)$(PREFIX)/share/vfio-pasid/table.txt"
	-rmdir "$(DESTDIR)$(PREFIX)/share/vfio-pasid"
	depmod $(if $(INSTALL_MOD_PATH),-b "$(INSTALL_MOD_PATH)") "$(RELEASE)"

report:
	@sh data/report.sh

check:
	tools/selftests/check.sh $(T)

# SOAK=N: N times as long as in make check
soak:
	KERNELS="$(or $(KERNELS),lab)" SOAK="$(or $(SOAK),20)" SEED="$(SEED)" \
		tools/selftests/check.sh $(or $(T),hostile model reset attack storm order)

# SECONDS=60; needs clang and libclang-rt-14-dev
fuzz:
	$(MAKE) -C tools/selftests/unit fuzz

demo:
	tools/vm/demo.sh

.PHONY: all module clean install install-data uninstall report \
	check soak fuzz demo
