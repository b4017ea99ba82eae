// AVX2 + FMA, AVX-512, and AVX-512 VNNI. Each function carries its own target, so no global flag is needed.
#include "kernel_templates.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")))
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")))

// MARK: AVX2, four sums of eight floats

AVX2 VK_INLINE float sum256(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

AVX2 VK_INLINE float dot256(const float *a, const float *b, size_t n) {
  __m256 s[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      s[j] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8 * j), _mm256_loadu_ps(b + i + 8 * j), s[j]);
    }
  }
  for (; i + 8 <= n; i += 8) s[0] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s[0]);
  float sum = sum256(_mm256_add_ps(_mm256_add_ps(s[0], s[1]), _mm256_add_ps(s[2], s[3])));
  for (; i < n; i++) sum += a[i] * b[i];
  return sum;
}

AVX2 VK_INLINE float l2_256(const float *a, const float *b, size_t n) {
  __m256 s[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      __m256 d = _mm256_sub_ps(_mm256_loadu_ps(a + i + 8 * j), _mm256_loadu_ps(b + i + 8 * j));
      s[j] = _mm256_fmadd_ps(d, d, s[j]);
    }
  }
  for (; i + 8 <= n; i += 8) {
    __m256 d = _mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
    s[0] = _mm256_fmadd_ps(d, d, s[0]);
  }
  float sum = sum256(_mm256_add_ps(_mm256_add_ps(s[0], s[1]), _mm256_add_ps(s[2], s[3])));
  for (; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// Sixteen products of a widened pair: `maddubs` would saturate at 255 · 127 · 2.
AVX2 VK_INLINE __m256i products256(const uint8_t *a, const int8_t *b) {
  __m256i x = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)a));
  __m256i y = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)b));
  return _mm256_madd_epi16(x, y);
}

AVX2 VK_INLINE int32_t u8s8_256(const uint8_t *a, const int8_t *b, size_t n) {
  __m256i s0 = _mm256_setzero_si256(), s1 = s0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    s0 = _mm256_add_epi32(s0, products256(a + i, b + i));
    s1 = _mm256_add_epi32(s1, products256(a + i + 16, b + i + 16));
  }
  for (; i + 16 <= n; i += 16) s0 = _mm256_add_epi32(s0, products256(a + i, b + i));
  s0 = _mm256_add_epi32(s0, s1);
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(s0), _mm256_extracti128_si256(s0, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  int32_t sum = _mm_cvtsi128_si32(s);
  for (; i < n; i++) sum += (int32_t)a[i] * b[i];
  return sum;
}

VK_F32_FAMILY(avx2_dot, AVX2, dot256)
VK_F32_FAMILY(avx2_l2, AVX2, l2_256)
VK_U8_FAMILY(avx2_u8s8, AVX2, u8s8_256)

// MARK: AVX-512, four sums of sixteen floats and a masked tail

AVX512 VK_INLINE float dot512(const float *a, const float *b, size_t n) {
  __m512 s[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      s[j] = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16 * j), _mm512_loadu_ps(b + i + 16 * j), s[j]);
    }
  }
  for (; i + 16 <= n; i += 16) s[0] = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s[0]);
  if (i < n) {
    __mmask16 m = (__mmask16)((1u << (n - i)) - 1);
    s[1] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(m, a + i), _mm512_maskz_loadu_ps(m, b + i), s[1]);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s[0], s[1]), _mm512_add_ps(s[2], s[3])));
}

AVX512 VK_INLINE float l2_512(const float *a, const float *b, size_t n) {
  __m512 s[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      __m512 d = _mm512_sub_ps(_mm512_loadu_ps(a + i + 16 * j), _mm512_loadu_ps(b + i + 16 * j));
      s[j] = _mm512_fmadd_ps(d, d, s[j]);
    }
  }
  for (; i + 16 <= n; i += 16) {
    __m512 d = _mm512_sub_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
    s[0] = _mm512_fmadd_ps(d, d, s[0]);
  }
  if (i < n) {
    __mmask16 m = (__mmask16)((1u << (n - i)) - 1);
    __m512 d = _mm512_sub_ps(_mm512_maskz_loadu_ps(m, a + i), _mm512_maskz_loadu_ps(m, b + i));
    s[1] = _mm512_fmadd_ps(d, d, s[1]);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s[0], s[1]), _mm512_add_ps(s[2], s[3])));
}

VNNI VK_INLINE int32_t u8s8_512(const uint8_t *a, const int8_t *b, size_t n) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0;
  size_t i = 0;
  for (; i + 128 <= n; i += 128) {
    s0 = _mm512_dpbusd_epi32(s0, _mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i));
    s1 = _mm512_dpbusd_epi32(s1, _mm512_loadu_si512(a + i + 64), _mm512_loadu_si512(b + i + 64));
  }
  for (; i < n; i += 64) {
    __mmask64 m = n - i >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (n - i)) - 1;
    s0 = _mm512_dpbusd_epi32(s0, _mm512_maskz_loadu_epi8(m, a + i), _mm512_maskz_loadu_epi8(m, b + i));
  }
  return _mm512_reduce_add_epi32(_mm512_add_epi32(s0, s1));
}

VK_F32_FAMILY(avx512_dot, AVX512, dot512)
VK_F32_FAMILY(avx512_l2, AVX512, l2_512)
VK_U8_FAMILY(vnni_u8s8, VNNI, u8s8_512)

const vk_table vk_avx2_table = {
    .name = "avx2",
    .f32_dot = avx2_dot,
    .f32_l2 = avx2_l2,
    .f32_dot_gather = avx2_dot_gather,
    .f32_l2_gather = avx2_l2_gather,
    .f32_dot_scan = avx2_dot_scan,
    .f32_l2_scan = avx2_l2_scan,
    .u8s8_dot = avx2_u8s8,
    .u8s8_dot_gather = avx2_u8s8_gather,
};

const vk_table vk_avx512_table = {
    .name = "avx512",
    .f32_dot = avx512_dot,
    .f32_l2 = avx512_l2,
    .f32_dot_gather = avx512_dot_gather,
    .f32_l2_gather = avx512_l2_gather,
    .f32_dot_scan = avx512_dot_scan,
    .f32_l2_scan = avx512_l2_scan,
    .u8s8_dot = avx2_u8s8,
    .u8s8_dot_gather = avx2_u8s8_gather,
};

const vk_table vk_avx512_vnni_table = {
    .name = "avx512+vnni",
    .f32_dot = avx512_dot,
    .f32_l2 = avx512_l2,
    .f32_dot_gather = avx512_dot_gather,
    .f32_l2_gather = avx512_l2_gather,
    .f32_dot_scan = avx512_dot_scan,
    .f32_l2_scan = avx512_l2_scan,
    .u8s8_dot = vnni_u8s8,
    .u8s8_dot_gather = vnni_u8s8_gather,
};
#endif
