# SPDX-License-Identifier: GPL-2.0
# The whole module in userspace: a library for each kernel whose vfio-pci-core is
# there, with that core and the features of that kernel. The programs are for all
# of them; LD_LIBRARY_PATH chooses.

SESSIONS := $(filter-out fixed,$(CORES))
SESSION_TESTS := $(PURE_TESTS:%=%_test) $(patsubst session/%.c,%,$(wildcard session/*_test.c))
SESSION_PROGRAMS := $(SESSION_TESTS:%=$(O)/session/%)
SESSION_LIBS := $(SESSIONS:%=$(O)/session_%/libsession.so)
SESSION_MODULE := $(patsubst $(TOP)/%.c,%,$(wildcard $(TOP)/vfio_pasid_*.c))
SESSION_OWN := kernel core_kernel bench image oracle pair random guard_random

# What Kbuild finds in the headers of such a kernel
SESSION_HAVE_6_1 := IOMMU_MAX_PASIDS
SESSION_HAVE_lab := IOMMU_MAX_PASIDS ATTACH IOMMUFD VIOMMU_SIZE EETLP_PREFIX_MAX DEV_MAX_PASIDS CORE_DVSEC

SESSION_CPPFLAGS := $(CORE_CPPFLAGS) -I. -Isession -I$(TOP)/include -I$(TOP) -I$(TOP)/include/uapi -I../lib -I$(GUARD_DIR)
SESSION_CFLAGS := $(CFLAGS) -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers
SESSION_HEADERS := $(CORE_HEADERS) $(HEADERS) $(wildcard session/*.h ../lib/random.h $(TOP)/*.h \
		     $(TOP)/include/linux/*.h $(O)/session/*.h) $(O)/stubs

# All kernel headers that the module includes, but for those that are there
CORE_STUBS += $(filter-out errno types pci_regs vfio vfio_pasid,$(sort \
	$(shell sed -n 's,^\#include <linux/\(.*\)\.h>$$,\1,p' $(TOP)/*.[ch])))

# Copied, so that files which somebody has generated in the tree are not found
$(O)/session/vfio_pasid_%.c: $(TOP)/vfio_pasid_%.c
	mkdir -p $(@D)
	{ echo '#line 1 "$<"'; cat $<; } > $@

.PRECIOUS: $(O)/session/vfio_pasid_%.c

$(O)/session/vfio_pasid_table.h: $(TOP)/data/mktable.pl $(TOP)/data/table.txt ../bench-table.txt
	mkdir -p $(@D)
	perl $(filter %.pl,$^) $(filter %.txt,$^) > $@

session_compile = $(CC) $1 $(SESSION_CPPFLAGS) $(SESSION_CFLAGS) $(SANITIZE) -fPIC -c -o $@ $<

$(O)/session/core_%.o: core/%.c $(SESSION_HEADERS)
	mkdir -p $(@D)
	$(call session_compile)

$(O)/session/%.o: session/%.c $(SESSION_HEADERS)
	mkdir -p $(@D)
	$(call session_compile,-isystem $(KSFT))

$(O)/session/%.o: %.c $(SESSION_HEADERS)
	mkdir -p $(@D)
	$(call session_compile,-isystem $(KSFT))

$(O)/session/%.o: ../lib/%.c $(SESSION_HEADERS)
	mkdir -p $(@D)
	$(call session_compile)

$(O)/session/%.o: $(GUARD_DIR)/%.c $(SESSION_HEADERS)
	mkdir -p $(@D)
	$(call session_compile)

# It does not have to be linked again when the library changes
$(O)/session/%_test: $(O)/session/%_test.o | $(SESSION_LIBS)
	$(CC) $(SANITIZE) -o $@ $< -L$(dir $(firstword $(SESSION_LIBS))) -lsession

define session
$(O)/session_$1/vfio_pasid_rules.o: $(O)/session/vfio_pasid_table.h

$(O)/session_$1/%.o: $(O)/session/%.c $(SESSION_HEADERS) $(O)/source_$1/$(CORE_FILE)
	mkdir -p $$(@D)
	$$(call session_compile,-I$(O)/source_$1/include $(SESSION_HAVE_$1:%=-DVFIO_PASID_HAVE_%=1))

# With the sanitizer of memory alone: it is not ours
$(O)/session_$1/core.o: $(O)/source_$1/$(CORE_FILE) core/unit.c $(CORE_HEADERS) $(O)/stubs
	mkdir -p $$(@D)
	$(CC) -I$$(<D) -I$(O)/source_$1/include $(CORE_CPPFLAGS) -O1 -g -w -fPIC \
		$(if $(findstring address,$(SANITIZE)),-fsanitize=address) -DCORE=core_$1 -c -o $$@ core/unit.c
	objcopy --keep-global-symbol=core_$1 $$@

$(O)/session_$1/libsession.so: $(SESSION_OWN:%=$(O)/session/%.o) \
		$(O)/session_$1/core.o $(SESSION_MODULE:%=$(O)/session_$1/%.o)
	$(CC) $(SANITIZE) -shared -o $$@ $$^
endef

$(foreach v,$(SESSIONS),$(eval $(call session,$v)))

# Says which kernel's, and stops at nothing
run_session = for t in $(SESSION_PROGRAMS); do \
		echo "\# $1: $$(basename $$t)"; \
		LD_LIBRARY_PATH=$(O)/session_$1 $$t || true; \
	done
