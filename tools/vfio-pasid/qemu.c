// SPDX-License-Identifier: GPL-2.0
/*
 * qemu: the options of a VM of QEMU that can use a function's PASIDs
 */
#include <stdio.h>

#include "vfio-pasid.h"

/* Before QEMU 11, they were experiments */
static void print_intel(const struct qemu *qemu, const struct vmdef *def)
{
	printf("-device intel-iommu,intremap=on,caching-mode=on,device-iotlb=on,");
	printf("%s=on,%s=on,pasid-bits=%u%s\n",
	       qemu_has(qemu->viommu, "scalable-mode") ? "scalable-mode" :
							 "x-scalable-mode",
	       qemu_has(qemu->viommu, "fsts") ? "fsts" : "x-flts", def->bits,
	       qemu_lacks_fs1gp(qemu, def) ? ",fs1gp=off" : "");
}

static void print_viommu(const struct qemu *qemu, const struct vmdef *def)
{
	if (def->viommu == VIOMMU_INTEL) {
		/* Interrupt remapping, which VT-d wants with PASIDs */
		puts("-machine q35,kernel-irqchip=split");
		print_intel(qemu, def);
		return;
	}
	puts("-machine virt");
	printf("-device arm-smmuv3,id=smmuv3,primary-bus=pcie.0,accel=on,ats=on,ssidsize=%u\n",
	       def->bits);
}

static void print_function(const struct vmdef *def)
{
	/* Linux wants End-End TLP Prefix on the way, and root ports have it */
	puts("-device pcie-root-port,id=pasid0,chassis=200");
	printf("-device vfio-pci,host=%s,iommufd=iommufd0,bus=pasid0",
	       def->function->address);
	if (def->offset)
		printf("," QEMU_OFFSET "=%#x", def->offset);
	putchar('\n');
}

/**
 * verb_qemu - Print the options that a VM needs
 * @list: The function
 *
 * Return: EXIT_NO if this host, this QEMU or this function cannot do it.
 */
int verb_qemu(struct function *list)
{
	struct vmdef def;
	struct qemu qemu;
	int ret = EXIT_NO;

	if (!vmdef_make(list, &def))
		return EXIT_NO;
	qemu_open(&def, &qemu);
	if (qemu_can(&qemu, &def)) {
		print_viommu(&qemu, &def);
		puts("-object iommufd,id=iommufd0");
		print_function(&def);
		ret = EXIT_YES;
	}
	qemu_close(&qemu);
	return ret;
}
