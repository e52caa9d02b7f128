/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The n-th allocation or user copy of this thread fails
 */
#ifndef VFIO_PASID_TEST_FAULT_H
#define VFIO_PASID_TEST_FAULT_H

#include <stdbool.h>

bool fault_set_up(void);
void fault_limit(const char *module);
void fault_arm(unsigned int n);
unsigned int fault_disarm(void);

#endif /* VFIO_PASID_TEST_FAULT_H */
