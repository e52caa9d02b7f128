// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM that keeps vfio waiting for a page, with dev_set->lock held
 *
 * The administrator reads a file of the device and unbinds it, which waits. That
 * must not make others wait: the reader can be killed, and devices that are not
 * vfio's are bound and unbound as ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define PARAMS	"ranges=8086:10ca@0xf00+0x40"

FIXTURE(parked) {
	struct vfio_dev dev;
	void *page;
	int uffd;
};

FIXTURE_SETUP(parked)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	pci_rebind(bdf_vf(0), "vfio-pci");
	ASSERT_EQ(system("/sbin/modprobe nvme"), 0);
	pci_rebind(bdf_nvme(), "nvme");
	self->page = stuck_page(&self->uffd);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
}

FIXTURE_TEARDOWN(parked)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_nvme());
}

struct parked {
	struct vfio_dev *dev;
	void *page;
};

/* Each of them acts once */
static void bind_with_token(struct race *race)
{
	const struct parked *p = race->arg;

	vfio_bind_cdev_token(p->dev, p->page);
	race->hits++;
	race->stop = true;
}

static void unbind(struct race *race)
{
	pci_unbind(race->arg);
	race->stop = true;
}

/* In a process of its own, which is killed */
static pid_t read_file(const char *bdf)
{
	char path[128], byte;
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid/width",
		 bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	_exit(read(fd, &byte, 1) != 1);
}

static bool is_over(pid_t pid)
{
	int i, status;

	for (i = 0; i < 100; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return true;
		usleep(50000);
	}
	return false;
}

TEST_F_TIMEOUT(parked, is_in_nobodys_way, 120)
{
	struct parked p = { .dev = &self->dev, .page = self->page };
	struct race vmm = { .action = bind_with_token, .arg = &p };
	struct race administrator = { .action = unbind, .arg = bdf_vf(0) };
	time_t began;
	pid_t reader;

	if (!vfio_has_cdev() || !self->page)
		SKIP(return, "this kernel has no iommufd or no userfaultfd");
	ASSERT_EQ(vfio_open_cdev_file(&self->dev, bdf_vf(0)), 0);
	race_start(&vmm);
	usleep(300000);
	reader = read_file(bdf_vf(0));
	usleep(300000);
	ASSERT_EQ(waitpid(reader, NULL, WNOHANG), 0);
	race_start(&administrator);
	usleep(300000);

	began = time(NULL);
	ASSERT_EQ(pci_unbind(bdf_nvme()), 0);
	pci_rebind(bdf_nvme(), "nvme");
	ASSERT_LT(time(NULL) - began, 30);
	ASSERT_EQ(vmm.hits, 0);

	ASSERT_EQ(kill(reader, SIGKILL), 0);
	ASSERT_TRUE(is_over(reader));
	/* Wakes the VMM. The VF has no token, so vfio refuses it */
	close(self->uffd);
	race_stop(&vmm);
	ASSERT_EQ(vmm.hits, 1);
	vfio_close(&self->dev);
	race_stop(&administrator);
}

TEST_HARNESS_MAIN
