// A gather and a scan around one inlined pair function, so that all three give the same bits.
#pragma once
#include "vector_kernels.h"

// How many rows ahead to fetch: far enough to cover a memory access, near enough to stay in the first-level cache.
// 2 for float32 rows and 4 for byte rows, a quarter of the size; other values were not compared.
#define VK_F32_AHEAD 2
#define VK_U8_AHEAD 4

#define VK_F32_FAMILY(NAME, TARGET, PAIR)                                                                             \
  TARGET static float NAME(const float *a, const float *b, size_t n) { return PAIR(a, b, n); }                        \
  TARGET static void NAME##_gather(const float *q, const float *_Nonnull const *_Nonnull rows, size_t n, size_t count,         \
                                   float *out) {                                                                      \
    for (size_t i = 0; i < count && i < VK_F32_AHEAD; i++) vk_prefetch(rows[i], n * sizeof(float));                   \
    for (size_t i = 0; i < count; i++) {                                                                              \
      if (i + VK_F32_AHEAD < count) vk_prefetch(rows[i + VK_F32_AHEAD], n * sizeof(float));                           \
      out[i] = PAIR(q, rows[i], n);                                                                                   \
    }                                                                                                                 \
  }                                                                                                                   \
  TARGET static void NAME##_scan(const float *q, const float *base, size_t stride, size_t n, size_t count,            \
                                 float *out) {                                                                        \
    for (size_t i = 0; i < count; i++) out[i] = PAIR(q, base + i * stride, n);                                        \
  }

#define VK_U8_FAMILY(NAME, TARGET, PAIR)                                                                              \
  TARGET static int32_t NAME(const uint8_t *a, const int8_t *b, size_t n) { return PAIR(a, b, n); }                   \
  TARGET static void NAME##_gather(const int8_t *q, const uint8_t *_Nonnull const *_Nonnull rows, size_t n, size_t count,      \
                                   int32_t *out) {                                                                    \
    for (size_t i = 0; i < count && i < VK_U8_AHEAD; i++) vk_prefetch(rows[i], n);                                \
    for (size_t i = 0; i < count; i++) {                                                                              \
      if (i + VK_U8_AHEAD < count) vk_prefetch(rows[i + VK_U8_AHEAD], n);                                         \
      out[i] = PAIR(rows[i], q, n);                                                                                   \
    }                                                                                                                 \
  }

#pragma clang assume_nonnull begin
// One table per instruction set, defined in the file of that set.
extern const vk_table vk_scalar_table;
#if defined(__x86_64__)
extern const vk_table vk_avx2_table, vk_avx512_table, vk_avx512_vnni_table;
#elif defined(__aarch64__)
extern const vk_table vk_neon_table, vk_neon_dotprod_table;
#endif
#pragma clang assume_nonnull end
