// NEON, and the dot-product extension for bytes.
#include "kernel_templates.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define DOTPROD __attribute__((target("dotprod")))

VK_INLINE float dot128(const float *a, const float *b, size_t n) {
  float32x4_t s[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int j = 0; j < 4; j++) s[j] = vfmaq_f32(s[j], vld1q_f32(a + i + 4 * j), vld1q_f32(b + i + 4 * j));
  }
  float sum = vaddvq_f32(vaddq_f32(vaddq_f32(s[0], s[1]), vaddq_f32(s[2], s[3])));
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

VK_INLINE float l2_128(const float *a, const float *b, size_t n) {
  float32x4_t s[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int j = 0; j < 4; j++) {
      float32x4_t d = vsubq_f32(vld1q_f32(a + i + 4 * j), vld1q_f32(b + i + 4 * j));
      s[j] = vfmaq_f32(s[j], d, d);
    }
  }
  float sum = vaddvq_f32(vaddq_f32(vaddq_f32(s[0], s[1]), vaddq_f32(s[2], s[3])));
  for (; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

VK_INLINE int32_t u8s8_128(const uint8_t *a, const int8_t *b, size_t n) {
  int32x4_t s = vdupq_n_s32(0);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    int16x8_t x = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(a + i))), y = vmovl_s8(vld1_s8(b + i));
    s = vmlal_s16(s, vget_low_s16(x), vget_low_s16(y));
    s = vmlal_s16(s, vget_high_s16(x), vget_high_s16(y));
  }
  int32_t sum = vaddvq_s32(s);
  for (; i < n; i++) sum += (int32_t)a[i] * b[i];
  return sum;
}

/// The extension multiplies bytes of equal sign only: Σ a·b = Σ (a − 128)·b + 128 Σ b.
DOTPROD VK_INLINE int32_t u8s8_dotprod(const uint8_t *a, const int8_t *b, size_t n) {
  int32x4_t s = vdupq_n_s32(0), offset = s;
  uint8x16_t flip = vdupq_n_u8(0x80);
  int8x16_t ones = vdupq_n_s8(1);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    int8x16_t y = vld1q_s8(b + i);
    s = vdotq_s32(s, vreinterpretq_s8_u8(veorq_u8(vld1q_u8(a + i), flip)), y);
    offset = vdotq_s32(offset, ones, y);
  }
  int32_t sum = vaddvq_s32(s) + 128 * vaddvq_s32(offset);
  for (; i < n; i++) sum += (int32_t)a[i] * b[i];
  return sum;
}

VK_F32_FAMILY(neon_dot, , dot128)
VK_F32_FAMILY(neon_l2, , l2_128)
VK_U8_FAMILY(neon_u8s8, , u8s8_128)
VK_U8_FAMILY(dotprod_u8s8, DOTPROD, u8s8_dotprod)

const vk_table vk_neon_table = {
    .name = "neon",
    .f32_dot = neon_dot,
    .f32_l2 = neon_l2,
    .f32_dot_gather = neon_dot_gather,
    .f32_l2_gather = neon_l2_gather,
    .f32_dot_scan = neon_dot_scan,
    .f32_l2_scan = neon_l2_scan,
    .u8s8_dot = neon_u8s8,
    .u8s8_dot_gather = neon_u8s8_gather,
};

const vk_table vk_neon_dotprod_table = {
    .name = "neon+dotprod",
    .f32_dot = neon_dot,
    .f32_l2 = neon_l2,
    .f32_dot_gather = neon_dot_gather,
    .f32_l2_gather = neon_l2_gather,
    .f32_dot_scan = neon_dot_scan,
    .f32_l2_scan = neon_l2_scan,
    .u8s8_dot = dotprod_u8s8,
    .u8s8_dot_gather = dotprod_u8s8_gather,
};
#endif
