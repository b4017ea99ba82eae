// Matrix kernels for AVX-512: 24 of its 32 registers hold sums.
#include "matrix_tables.h"

#if defined(__x86_64__)
#define MK_NAME(f) avx512_##f
#define MK_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")))
#define MK_LANES 16
#define MK_VECTORS 2
#define MK_ROWS 12
#include "matrix_templates.h"
MK_TABLE(avx512)
#endif
