/*
 * The machine's clocks. Rules use CLOCK_BOOTTIME (it counts while suspended); wall time is for people. Units: µs.
 */
#ifndef INVIGIL_COMMON_CLOCK_H
#define INVIGIL_COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define US_PER_MS 1000LL
#define US_PER_S  1000000LL
#define US_PER_MIN (60 * US_PER_S)
#define BOOT_ID_SIZE 16

int64_t clock_boottime_us(void);
int64_t clock_monotonic_us(void);
/** Wall time, µs since 1970 UTC. */
int64_t clock_wall_us(void);

/** This boot's id (/proc/sys/kernel/random/boot_id), 16 bytes. INVIGIL_BOOT_ID in the environment (32 hex digits, dashes
 * allowed) stands in for it, so that a rebooted PC can be rehearsed on one machine. ERR_IO. */
int clock_boot_id(uint8_t ret_id[BOOT_ID_SIZE]);

#endif
