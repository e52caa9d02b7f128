/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's linux/types.h has and userspace's lacks */
#ifndef PURE_LINUX_TYPES_H
#define PURE_LINUX_TYPES_H

#include_next <linux/types.h>

#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#endif /* PURE_LINUX_TYPES_H */
