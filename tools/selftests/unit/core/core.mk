# SPDX-License-Identifier: GPL-2.0
# vfio-pci-core's own vfio_pci_config.c as objects for userspace: CORES are the
# versions whose kernel source was given, and "fixed", with patches/ applied.
# Each comes with the guard, built with the same kernel's pci_regs.h.

, := ,
CORES := $(if $(CORE_6_1),6_1) $(if $(CORE_LAB),lab fixed)
# Of patches/, those for CORE_FILES
CORE_PATCHES := $(shell grep -l '^+++ b/drivers/vfio/pci/' $(TOP)/patches/*.patch)

CORE_OBJECTS := $(O)/kernel.o $(O)/memory.o $(O)/try.o $(CORES:%=$(O)/core_%.o)
CORE_GUARDS := $(patsubst %,$(O)/guard_%.o,$(filter-out fixed,$(CORES)))
CORE_FUZZ_OBJECTS := $(O)/kernel.o $(O)/memory.o $(O)/try.o $(CORES:%=$(O)/core_fuzz_%.o)
CORE_FUZZ_GUARDS := $(patsubst %,$(O)/guard_fuzz_%.o,$(filter-out fixed,$(CORES)))

CORE_HEADERS := $(wildcard core/*.h core/include/linux/*.h)
CORE_CPPFLAGS := -D_GNU_SOURCE -Icore -Icore/include -I$(O)/include -Iinclude
# Headers of the kernel that lead to kernel.h
CORE_STUBS := fs pci slab uaccess vfio_pci_core
CORE_FILE := drivers/vfio/pci/vfio_pci_config.c
CORE_FILES := $(CORE_FILE) drivers/vfio/pci/vfio_pci_priv.h

# A function call before each access, as KASAN has it, but of our own
CORE_WATCH := -fsanitize=kernel-address -fsanitize=bounds -fsanitize-trap=bounds \
	-mllvm -asan-memory-access-callback-prefix=core_ \
	-mllvm -asan-instrumentation-with-call-threshold=0 \
	-mllvm -asan-stack=0 -mllvm -asan-globals=0 \
	-Dmemset=core_memset -Dmemcpy=core_memcpy

# The kernel's own warnings are not ours: -w
core_compile = clang $(CORE_CPPFLAGS) -I$(dir $<) -I$(O)/source_$*/include -O2 -g -w \
	-fno-builtin $(CORE_WATCH) $1 -DCORE=core_$* -c -o $@ core/unit.c && \
	objcopy --keep-global-symbol=core_$* \
		--redefine-sym __asan_handle_no_return=core_no_return $@
CORE_MAIN = $(O)/source_%/$(CORE_FILE)

$(O)/core_fuzz_%.o: $(CORE_MAIN) core/unit.c $(CORE_HEADERS) $(O)/stubs
	$(call core_compile,-fsanitize-coverage=inline-8bit-counters$(,)pc-table)

$(O)/core_%.o: $(CORE_MAIN) core/unit.c $(CORE_HEADERS) $(O)/stubs
	$(call core_compile)

# For the fuzzer whose core does no harm: what it would not survive is refused
$(O)/fuzz_core_%.o: $(CORE_MAIN) core/unit.c $(CORE_HEADERS) $(O)/stubs
	clang $(CORE_CPPFLAGS) -I$(dir $<) -I$(O)/source_$*/include -O2 -g -w \
		-fsanitize=address,fuzzer-no-link -DCORE=core_$* -c -o $@ core/unit.c
	objcopy --keep-global-symbol=core_$* $@

GUARD := $(TOP)/vfio_pasid_guard.c

guard_compile = $1 -D_GNU_SOURCE -I$(O)/source_$*/include $(CPPFLAGS) $(CFLAGS) $2 \
	-Dvfio_pasid_guard_check=guard_check_$* -c -o $@ $(GUARD)

$(O)/guard_fuzz_%.o: $(CORE_MAIN) $(GUARD) $(HEADERS)
	$(call guard_compile,clang,-fsanitize=fuzzer-no-link$(,)address$(,)undefined -fno-sanitize-recover=all)

$(O)/guard_%.o: $(CORE_MAIN) $(GUARD) $(HEADERS)
	$(call guard_compile,$(CC),$(SANITIZE))

$(O)/%.o: core/%.c $(CORE_HEADERS) $(O)/stubs | $(O)
	$(CC) $(CORE_CPPFLAGS) $(CFLAGS) -Wno-unused-parameter -Wno-sign-compare -c -o $@ $<

# vfio.h has the interface to userspace besides, and is in core/include
$(O)/stubs: FORCE | $(O)
	echo '$(CORE_STUBS)' | cmp -s - $@ || { mkdir -p $(O)/include/linux && \
		for h in $(CORE_STUBS); do echo '#include "kernel.h"' > $(O)/include/linux/$$h.h; done && \
		echo '$(CORE_STUBS)' > $@; }

# Other trees than the last time have older files: time does not tell
$(O)/trees: FORCE | $(O)
	echo '$(CORE_6_1) $(CORE_LAB)' | cmp -s - $@ || echo '$(CORE_6_1) $(CORE_LAB)' > $@

FORCE:

# Unmodified, but for the patches of the fixed one
define core_source
$(O)/source_$1/$(CORE_FILE): $(CORE_FILES:%=$2/%) $3 $(O)/trees
	rm -rf $(O)/source_$1
	mkdir -p $(O)/source_$1/drivers/vfio/pci $(O)/source_$1/include/linux
	cp $(CORE_FILES:%=$2/%) $(O)/source_$1/drivers/vfio/pci
	cp $2/include/uapi/linux/pci_regs.h $(O)/source_$1/include/linux
	for p in $3; do patch -s -F0 -d $(O)/source_$1 -p1 < $$$$p || exit 1; done
	touch $$@
endef

$(if $(CORE_6_1),$(eval $(call core_source,6_1,$(CORE_6_1))))
$(if $(CORE_LAB),$(eval $(call core_source,lab,$(CORE_LAB))))
$(if $(CORE_LAB),$(eval $(call core_source,fixed,$(CORE_LAB),$(CORE_PATCHES))))
