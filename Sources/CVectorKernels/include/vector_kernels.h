// Distances over raw arrays, picked at run time for the CPU, and the few atomic helpers a lock-free reader needs.
//
// Every entry of a table is gated by its own CPU feature bits. Levels differ only in summation order, so two levels
// agree within rounding; one level gives the same bits for `one`, `gather` and `scan` of the same pair.
// Products of matrices are in matrix_kernels.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// A level names the widest instructions a table may use. Asking for more than the CPU has gives what it has.
typedef enum {
  VK_LEVEL_SCALAR = 0,
  /// x86-64: AVX2 and FMA. arm64: NEON.
  VK_LEVEL_SIMD = 1,
  /// x86-64: AVX-512 F, BW, VL and DQ for float32. arm64: as above.
  VK_LEVEL_WIDE = 2,
  /// x86-64: AVX-512 VNNI for bytes besides. arm64: the dot-product extension.
  VK_LEVEL_BYTES = 3,
} vk_level;

/// One number from two arrays of `n` floats. No alignment is required.
typedef float (*vk_f32_fn)(const float *a, const float *b, size_t n);

/// `out[i]` from `q` and the `n` floats at `rows[i]`, fetching a few rows ahead.
typedef void (*vk_f32_gather_fn)(const float *q, const float *_Nonnull const *_Nonnull rows, size_t n, size_t count,
                                 float *out);

/// `out[i]` from `q` and the `n` floats at `base + i * stride` (stride in floats).
typedef void (*vk_f32_scan_fn)(const float *q, const float *base, size_t stride, size_t n, size_t count, float *out);

/// Σ a·b over unsigned and signed bytes. Exact while n ≤ 65,536.
typedef int32_t (*vk_u8s8_fn)(const uint8_t *a, const int8_t *b, size_t n);

typedef void (*vk_u8s8_gather_fn)(const int8_t *q, const uint8_t *_Nonnull const *_Nonnull rows, size_t n, size_t count,
                                  int32_t *out);

typedef struct {
  const char *name;
  /// Σ a·b
  vk_f32_fn f32_dot;
  /// Σ (a − b)²
  vk_f32_fn f32_l2;
  vk_f32_gather_fn f32_dot_gather, f32_l2_gather;
  vk_f32_scan_fn f32_dot_scan, f32_l2_scan;
  vk_u8s8_fn u8s8_dot;
  vk_u8s8_gather_fn u8s8_dot_gather;
} vk_table;

/// The table for `level`, or the best below it that this CPU can run and `vk_limit` allows. Never fails; the result
/// lives for ever.
const vk_table *vk_kernels(vk_level level);

/// Allows this process levels up to `level` only, for tables that are asked for from here on: to compare levels, or to
/// leave out instructions that a machine runs badly.
void vk_limit(vk_level level);

/// `level`, or the limit where that is lower.
vk_level vk_within_limit(vk_level level);

// MARK: Helpers that must be inlined into the caller's loop

#define VK_INLINE static inline __attribute__((always_inline))

/// Starts loading the cache lines of `bytes` bytes from `p`.
VK_INLINE void vk_prefetch(const void *p, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)p + i, 0, 3);
}

VK_INLINE void vk_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// A lock of one byte, 0 when free, for sections of a few microseconds.
VK_INLINE void vk_lock(uint8_t *lock) {
  while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE)) {
    while (__atomic_load_n(lock, __ATOMIC_RELAXED)) vk_pause();
  }
}
VK_INLINE void vk_unlock(uint8_t *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

VK_INLINE uint32_t vk_load_u32(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
VK_INLINE void vk_store_u32(uint32_t *p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
VK_INLINE uint64_t vk_load_u64(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
VK_INLINE void vk_store_u64(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
/// Both give the value before.
VK_INLINE uint64_t vk_or_u64(uint64_t *p, uint64_t v) { return __atomic_fetch_or(p, v, __ATOMIC_ACQ_REL); }
VK_INLINE uint32_t vk_add_u32(uint32_t *p, uint32_t v) { return __atomic_fetch_add(p, v, __ATOMIC_ACQ_REL); }

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
