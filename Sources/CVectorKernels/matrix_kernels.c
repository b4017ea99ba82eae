// Packing, and which table of matrix kernels this CPU can run.
#include "matrix_kernels.h"

#include "matrix_tables.h"

void mk_pack_transposed(const float *rows, size_t stride, size_t n, size_t k, float *packed) {
  for (size_t panel = 0; panel < n; panel += MK_PANEL) {
    size_t columns = n - panel < MK_PANEL ? n - panel : MK_PANEL;
    float *out = packed + panel * k;
    for (size_t i = 0; i < k; i++) {
      for (size_t j = 0; j < columns; j++) out[i * MK_PANEL + j] = rows[(panel + j) * stride + i];
      for (size_t j = columns; j < MK_PANEL; j++) out[i * MK_PANEL + j] = 0;
    }
  }
}

void mk_pack(const float *rows, size_t stride, size_t n, size_t k, float *packed) {
  for (size_t panel = 0; panel < n; panel += MK_PANEL) {
    size_t columns = n - panel < MK_PANEL ? n - panel : MK_PANEL;
    float *out = packed + panel * k;
    for (size_t i = 0; i < k; i++) {
      for (size_t j = 0; j < columns; j++) out[i * MK_PANEL + j] = rows[i * stride + panel + j];
      for (size_t j = columns; j < MK_PANEL; j++) out[i * MK_PANEL + j] = 0;
    }
  }
}

const mk_table *mk_kernels(vk_level level) {
  level = vk_within_limit(level);
#if defined(__x86_64__)
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (level >= VK_LEVEL_WIDE && avx512) return &mk_avx512_table;
  if (level >= VK_LEVEL_SIMD && avx2) return &mk_avx2_table;
#elif defined(__aarch64__)
  if (level >= VK_LEVEL_SIMD) return &mk_neon_table;
#else
  (void)level;
#endif
  return &mk_scalar_table;
}
