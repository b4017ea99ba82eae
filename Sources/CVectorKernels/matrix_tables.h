// The tables of the levels, each defined in the file of its CPU.
#pragma once

#include "matrix_kernels.h"

extern const mk_table mk_scalar_table;
#if defined(__x86_64__)
extern const mk_table mk_avx2_table, mk_avx512_table;
#elif defined(__aarch64__)
extern const mk_table mk_neon_table;
#endif
