# SPDX-License-Identifier: GPL-2.0
# The whole module in userspace, once with the features of each kernel whose
# vfio-pci-core is there: a program for each session/*_test.c and each kernel.

SESSIONS := $(filter-out fixed,$(CORES))
SESSION_TESTS := $(patsubst session/%.c,%,$(wildcard session/*_test.c))
SESSION_MODULE := $(patsubst $(TOP)/%.c,%,$(wildcard $(TOP)/vfio_pasid_*.c))
SESSION_PROGRAMS := $(foreach v,$(SESSIONS),$(SESSION_TESTS:%=$(O)/session_$v/%))

# What Kbuild finds in the headers of such a kernel
SESSION_HAVE_lab := ATTACH DEV_MAX_PASIDS CORE_DVSEC

SESSION_CPPFLAGS := -D_GNU_SOURCE $(CORE_CPPFLAGS) -Isession -I$(TOP)/include -I$(TOP) -I$(O)
SESSION_CFLAGS := $(CFLAGS) -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers
SESSION_HEADERS := $(CORE_HEADERS) $(HEADERS) $(wildcard session/*.h $(TOP)/*.h $(TOP)/include/linux/*.h)

# All kernel headers that the module includes, but for those that are there
SESSION_STUBS := $(filter-out errno types pci_regs vfio vfio_pasid,$(sort \
	$(shell sed -n 's,^\#include <linux/\(.*\)\.h>$$,\1,p' $(TOP)/*.[ch])))
CORE_STUBS += $(SESSION_STUBS)

# Not where the module's own table is, if somebody has built it there
$(O)/session/%.c: $(TOP)/%.c
	mkdir -p $(@D)
	{ echo '#line 1 "$<"'; cat $<; } > $@

$(O)/session/vfio_pasid_table.h: $(TOP)/data/mktable.pl $(TOP)/data/table.txt ../bench-table.txt
	mkdir -p $(@D)
	perl $(filter %.pl,$^) $(filter %.txt,$^) > $@

$(O)/session/%.o: session/%.c $(SESSION_HEADERS) $(O)/stubs
	mkdir -p $(@D)
	$(CC) $(SESSION_CPPFLAGS) -isystem $(KSFT) $(SESSION_CFLAGS) $(SANITIZE) -c -o $@ $<

define session
$(O)/session_$1/vfio_pasid_quirks.o: $(O)/session/vfio_pasid_table.h

$(O)/session_$1/%.o: $(O)/session/%.c $(SESSION_HEADERS) $(O)/stubs $(O)/source_$1/$(CORE_FILE)
	mkdir -p $$(@D)
	$(CC) -I$(O)/source_$1/include $(SESSION_CPPFLAGS) $(SESSION_CFLAGS) $(SANITIZE) \
		$(SESSION_HAVE_$1:%=-DVFIO_PASID_HAVE_%=1) -c -o $$@ $$<

$(O)/session_$1/core.o: $(O)/source_$1/$(CORE_FILE) core/unit.c $(CORE_HEADERS) $(O)/stubs
	mkdir -p $$(@D)
	$(CC) -I$$(<D) -I$(O)/source_$1/include $(CORE_CPPFLAGS) -O1 -g -w \
		-fsanitize=address -DCORE=core_$1 -c -o $$@ core/unit.c
	objcopy --keep-global-symbol=core_$1 $$@

$(O)/session_$1/%_test: $(O)/session/%_test.o $(O)/session/bench.o $(O)/session/kernel.o \
		$(O)/kernel.o $(O)/session_$1/core.o $(SESSION_MODULE:%=$(O)/session_$1/%.o)
	$(CC) $(SANITIZE) -o $$@ $$^
endef

$(foreach v,$(SESSIONS),$(eval $(call session,$v)))

.SECONDARY:
