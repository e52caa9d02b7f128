/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A seeded generator of hostile config spaces
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdint.h>

#define HOSTILE_ID	0x51201b36

void hostile_build(unsigned int seed, uint8_t *image);

#endif /* HOSTILE_H */
