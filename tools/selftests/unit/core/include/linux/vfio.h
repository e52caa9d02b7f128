/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/vfio.h>
#include "kernel.h"
