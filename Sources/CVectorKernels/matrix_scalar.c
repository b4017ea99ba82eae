// Matrix kernels in plain C for any CPU; four floats at a time is what the baseline has.
#include "matrix_tables.h"

#define MK_NAME(f) scalar_##f
#define MK_TARGET
#define MK_LANES 4
#define MK_VECTORS 2
#define MK_ROWS 4
#include "matrix_templates.h"
MK_TABLE(scalar)
