// Matrix kernels for NEON: 24 of its 32 registers hold sums.
#include "matrix_tables.h"

#if defined(__aarch64__)
#define MK_NAME(f) neon_##f
#define MK_TARGET
#define MK_LANES 4
#define MK_VECTORS 4
#define MK_ROWS 6
#include "matrix_templates.h"
MK_TABLE(neon)
#endif
