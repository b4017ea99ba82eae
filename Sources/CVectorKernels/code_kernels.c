// One body, compiled for each set of instructions worth having: the compiler vectorises both loops.
#include "code_kernels.h"

#include "vector_kernels.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define BODY                                                                                              \
  /* Without the sign, the bits of finite floats order them by magnitude. */                              \
  uint32_t largest_bits = 0;                                                                              \
  for (size_t i = 0; i < n; i++) {                                                                        \
    uint32_t bits;                                                                                        \
    memcpy(&bits, vector + i, 4);                                                                         \
    bits &= 0x7FFFFFFF;                                                                                   \
    largest_bits = bits > largest_bits ? bits : largest_bits;                                             \
  }                                                                                                       \
  if (largest_bits >= 0x7F800000) return -1;                                                              \
  float largest;                                                                                          \
  memcpy(&largest, &largest_bits, 4);                                                                     \
  /* Below, 127 / largest overflows. */                                                                   \
  if (!(largest > 1e-36f)) {                                                                              \
    memset(codes, flip, n);                                                                               \
    return 0;                                                                                             \
  }                                                                                                       \
  float inverse = 127 / largest;                                                                          \
  /* Adding 1.5 * 2^23 rounds to nearest and leaves the integer in the low bits. */                       \
  for (size_t i = 0; i < n; i++) {                                                                        \
    float product = vector[i] * inverse;                                                                  \
    float sum = product + 12582912.0f;                                                                    \
    uint32_t bits;                                                                                        \
    memcpy(&bits, &sum, 4);                                                                               \
    codes[i] = (uint8_t)bits ^ flip;                                                                      \
  }                                                                                                       \
  return largest / 127;

static float encode_any(const float *restrict vector, size_t n, uint8_t flip, uint8_t *restrict codes) { BODY }

#if defined(__x86_64__)

__attribute__((target("avx2"))) static float encode_avx2(const float *restrict vector, size_t n, uint8_t flip,
                                                         uint8_t *restrict codes) {
  BODY
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static float encode_avx512(
    const float *restrict vector, size_t n, uint8_t flip, uint8_t *restrict codes) {
  BODY
}

float vk_encode_codes(const float *vector, size_t n, uint8_t flip, uint8_t *codes) {
  __builtin_cpu_init();
  if (vk_within_limit(VK_LEVEL_WIDE) == VK_LEVEL_WIDE && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    return encode_avx512(vector, n, flip, codes);
  if (vk_within_limit(VK_LEVEL_SIMD) == VK_LEVEL_SIMD && __builtin_cpu_supports("avx2"))
    return encode_avx2(vector, n, flip, codes);
  return encode_any(vector, n, flip, codes);
}

#else

float vk_encode_codes(const float *vector, size_t n, uint8_t flip, uint8_t *codes) {
  return encode_any(vector, n, flip, codes);
}

#endif
