/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share: modules, PCI functions, VFIO devices, the overlay
 *
 * Functions return what the kernel said (a count, 0, or -errno) and leave it
 * to the test to judge. Those that prepare and cannot fail in a sound VM stop
 * the test program with a message.
 */
#ifndef VFIO_PASID_TEST_LIB_H
#define VFIO_PASID_TEST_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/vfio.h>
#include <linux/vfio_pasid.h>

#define CFG_SIZE	4096
#define EXT_START	0x100
#define MODULE		"vfio-pasid"

/* The bench's functions, from the environment that vm-tests.sh sets up */
const char *bdf_named(const char *name);

#define bdf_pf()		bdf_named("PF")
#define bdf_vf(which)		bdf_named((which) ? "VF1" : "VF0")
#define bdf_conventional()	bdf_named("CONVENTIONAL")
#define bdf_nobodys()		bdf_named("NOBODYS")
#define bdf_nvme()		bdf_named("NVME")
/* A VF of tools/vm/qemu's function, for the test dma */
#define bdf_dma()		bdf_named("DMA")
/* A device of one function, and the port above it */
#define bdf_sole()		bdf_named("SOLE")
#define bdf_sole_port()		bdf_named("SOLE_PORT")
/* Two functions of one device behind a port, for the tests hotreset and patches */
#define bdf_port()		bdf_named("PORT")
#define bdf_pair(which)		bdf_named((which) ? "PAIR1" : "PAIR0")

/* modules.c */
int module_load(const char *name, const char *params);
int module_unload(const char *name);
void module_reload(const char *name, const char *params);
bool module_loaded(const char *name);
bool vfio_patched(bool patched);

/* pci.c */
int sysfs_write(const char *path, const char *text);
const char *sysfs_read(const char *path);
int pci_attr(const char *bdf, const char *attr, const char *text);
int pci_bind(const char *bdf, const char *driver);
int pci_unbind(const char *bdf);
const char *pci_vfio_pasid(const char *bdf, const char *file);
bool pci_has(const char *bdf, const char *name);
bool pci_wait(const char *bdf, const char *name, bool there);
void pci_rebind(const char *bdf, const char *driver);
int pci_iommu_group(const char *bdf);
ssize_t pci_config(const char *bdf, void *to, size_t size, off_t pos);

/* overlay.c: see tools/selftests/modules/vfio_pasid_overlay.c */
void overlay(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
unsigned int overlay_writes(const char *bdf, unsigned int from, unsigned int to);

#define SOLE_PLACE	0x100	/* of its PASID capability */
void overlay_sole(void (*change)(void));
void overlay_clear_sole(void);

/* image.c: config spaces of CFG_SIZE bytes */
#define IMAGE_EXP	0x40	/* where the PCIe capability is */

void image_put32(uint8_t *image, unsigned int pos, uint32_t val);
void image_ext_cap(uint8_t *image, unsigned int pos, unsigned int id,
		   unsigned int next);
void image_pf(uint8_t *image);
void image_vf(uint8_t *image);
void image_function(uint8_t *image);

/* segment.c: see tools/selftests/modules/segment_main.c */
#define SEGMENT_SLOT	"00:01.0"	/* a function of its own */
#define SEGMENT_PF	"00:00.0"
#define SEGMENT_VF	"00:02.0"
#define SEGMENT_BDF(slot)	"0010:" slot

int segment_add(const char *slot, bool vf, const uint8_t *image);
int segment_add_sized(const char *slot, bool vf, const uint8_t *image,
		      size_t size);
int segment_plug(const char *slot, bool plug);
int segment_del(const char *slot);
int segment_plug_function(const uint8_t *image);
void segment_unplug_function(void);
int segment_plug_vf(const uint8_t *image);
void segment_unplug_vf(void);
int segment_get_image(const char *slot, uint8_t *image);
int segment_soften(const char *slot, unsigned int pos, unsigned int length);
unsigned int segment_stat(const char *slot, const char *name);

/* soak.c. The harness's own limit of a test's time knows no SOAK: SOAKED is none */
#define SOAKED		1000000
unsigned int soak(void);
void soak_limit(unsigned int seconds);

/* stuck.c */
void *stuck_page(int *uffd);
bool stuck_has_reader(int uffd);

/* kmsg.c: the kernel's log from a mark on */
int kmsg_mark(void);
unsigned int kmsg_count(int mark, const char *text);
bool kmsg_has(int mark, const char *text);

/* vfio.c: where vfio-pci-core has the config region in a device file */
#define CFG_REGION	((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40)

struct vfio_dev {
	int container;	/* or iommufd */
	int group;
	int fd;
	uint32_t id;	/* the iommufd's name for it */
};

int vfio_open_group(struct vfio_dev *dev, const char *bdf);
int vfio_get_device(struct vfio_dev *dev, const char *bdf);
int vfio_open(struct vfio_dev *dev, const char *bdf);
int vfio_open_beside(struct vfio_dev *dev, const struct vfio_dev *other,
		     const char *bdf);
int vfio_open_cdev_file(struct vfio_dev *dev, const char *bdf);
int vfio_bind_cdev(struct vfio_dev *dev);
int vfio_bind_cdev_token(struct vfio_dev *dev, const void *token);
int vfio_open_cdev(struct vfio_dev *dev, const char *bdf);
int vfio_open_cdev_beside(struct vfio_dev *dev, const struct vfio_dev *other,
			  const char *bdf);
bool vfio_has_cdev(void);

/* In a test's body: 6.1's harness ignores SKIP in a fixture */
#define SKIP_WITHOUT_IOMMUFD()					\
do {								\
	if (!vfio_has_cdev())					\
		SKIP(return, "this kernel has no iommufd");	\
} while (0)

void vfio_close(struct vfio_dev *dev);
ssize_t cfg_read(const struct vfio_dev *dev, void *to, size_t count, off_t pos);
ssize_t cfg_write(const struct vfio_dev *dev, const void *from, size_t count,
		  off_t pos);
uint32_t cfg_dword(const struct vfio_dev *dev, off_t pos);
int feature(const struct vfio_dev *dev, uint32_t flags, uint32_t argsz,
	    void *data);
int feature_get(const struct vfio_dev *dev,
		struct vfio_device_feature_pasid *to);
int pasid_set(const struct vfio_dev *dev, uint32_t flags, uint32_t offset);
uint16_t ext_find(const struct vfio_dev *dev, uint16_t id);
void snapshot(const char *bdf, uint8_t *to);

/* iommufd.c */
int iommufd_ioas(const struct vfio_dev *dev);
int iommufd_map(const struct vfio_dev *dev, int ioas, void *memory,
		size_t length, uint64_t iova);
int iommufd_table(const struct vfio_dev *dev, int ioas);
int iommufd_destroy(const struct vfio_dev *dev, int id);
bool iommufd_pasids_pretended(void);
int iommufd_pasid_width(const struct vfio_dev *dev, uint64_t *caps);
int vfio_attach(const struct vfio_dev *dev, int table);
int vfio_attach_pasid(const struct vfio_dev *dev, unsigned int pasid,
		      int table);
int vfio_attach_pasid_unreported(const struct vfio_dev *dev, unsigned int pasid,
				 int table);
int vfio_detach_pasid(const struct vfio_dev *dev, unsigned int pasid);
int vfio_try_pasid(const struct vfio_dev *dev, unsigned int pasid);

#endif /* VFIO_PASID_TEST_LIB_H */
