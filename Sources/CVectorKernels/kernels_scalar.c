// Plain C for any CPU. Eight partial sums, so that the compiler may use the baseline's vector registers.
#include "kernel_templates.h"

VK_INLINE float sum8(const float *s) { return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])); }

VK_INLINE float dot(const float *a, const float *b, size_t n) {
  float s[8] = {0}, rest = 0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int j = 0; j < 8; j++) s[j] += a[i + j] * b[i + j];
  }
  for (; i < n; i++) rest += a[i] * b[i];
  return rest + sum8(s);
}

VK_INLINE float l2(const float *a, const float *b, size_t n) {
  float s[8] = {0}, rest = 0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int j = 0; j < 8; j++) {
      float d = a[i + j] - b[i + j];
      s[j] += d * d;
    }
  }
  for (; i < n; i++) rest += (a[i] - b[i]) * (a[i] - b[i]);
  return rest + sum8(s);
}

VK_INLINE int32_t u8s8(const uint8_t *a, const int8_t *b, size_t n) {
  int32_t s = 0;
  for (size_t i = 0; i < n; i++) s += (int32_t)a[i] * b[i];
  return s;
}

VK_F32_FAMILY(scalar_dot, , dot)
VK_F32_FAMILY(scalar_l2, , l2)
VK_U8_FAMILY(scalar_u8s8, , u8s8)

const vk_table vk_scalar_table = {
    .name = "scalar",
    .f32_dot = scalar_dot,
    .f32_l2 = scalar_l2,
    .f32_dot_gather = scalar_dot_gather,
    .f32_l2_gather = scalar_l2_gather,
    .f32_dot_scan = scalar_dot_scan,
    .f32_l2_scan = scalar_l2_scan,
    .u8s8_dot = scalar_u8s8,
    .u8s8_dot_gather = scalar_u8s8_gather,
};
