// Which table this CPU can run.
#include "vector_kernels.h"

#include "kernel_templates.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

static vk_level limit = VK_LEVEL_BYTES;

void vk_limit(vk_level level) { __atomic_store_n(&limit, level, __ATOMIC_RELAXED); }

vk_level vk_within_limit(vk_level level) {
  vk_level most = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  return level < most ? level : most;
}

#if defined(__x86_64__)

const vk_table *vk_kernels(vk_level level) {
  level = vk_within_limit(level);
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  int vnni = avx512 && __builtin_cpu_supports("avx512vnni");
  if (level >= VK_LEVEL_BYTES && vnni) return &vk_avx512_vnni_table;
  if (level >= VK_LEVEL_WIDE && avx512) return &vk_avx512_table;
  if (level >= VK_LEVEL_SIMD && avx2) return &vk_avx2_table;
  return &vk_scalar_table;
}

#elif defined(__aarch64__)

static int has_dot_product(void) {
#if defined(__linux__)
  return (int)((getauxval(AT_HWCAP) >> 20) & 1);  // HWCAP_ASIMDDP
#elif defined(__APPLE__)
  int value = 0;
  size_t size = sizeof value;
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &value, &size, 0, 0) == 0 && value;
#else
  return 0;
#endif
}

const vk_table *vk_kernels(vk_level level) {
  level = vk_within_limit(level);
  if (level >= VK_LEVEL_BYTES && has_dot_product()) return &vk_neon_dotprod_table;
  return level >= VK_LEVEL_SIMD ? &vk_neon_table : &vk_scalar_table;
}

#else

const vk_table *vk_kernels(vk_level level) {
  (void)level;
  return &vk_scalar_table;
}

#endif
