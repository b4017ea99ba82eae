// Matrix kernels for AVX2 and FMA: 12 of its 16 registers hold sums.
#include "matrix_tables.h"

#if defined(__x86_64__)
#define MK_NAME(f) avx2_##f
#define MK_TARGET __attribute__((target("avx2,fma")))
#define MK_LANES 8
#define MK_VECTORS 2
#define MK_ROWS 6
#include "matrix_templates.h"
MK_TABLE(avx2)
#endif
