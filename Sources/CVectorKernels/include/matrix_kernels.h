// What a transformer's forward pass is made of, over raw row-major float32 arrays, picked at run time for the CPU.
//
// Levels differ in the order of sums and in contraction, so two of them agree within rounding; one level gives a row the
// same bits whatever rows are around it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vector_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// Columns that are packed, and written, together.
#define MK_PANEL 32

/// `n` rounded up to whole panels: the least stride of a result of `n` columns.
VK_INLINE size_t mk_padded(size_t n) { return (n + MK_PANEL - 1) / MK_PANEL * MK_PANEL; }

/// Floats of a packed matrix of `n` columns and `k` rows.
VK_INLINE size_t mk_packed_count(size_t n, size_t k) { return mk_padded(n) * k; }

/// Packs the transpose of `n` rows of `k` floats, `stride` apart: the weights of a linear layer as files hold them.
void mk_pack_transposed(const float *rows, size_t stride, size_t n, size_t k, float *packed);

/// Packs `k` rows of `n` floats, `stride` apart.
void mk_pack(const float *rows, size_t stride, size_t n, size_t k, float *packed);

typedef enum {
  MK_LINEAR = 0,
  MK_GELU = 1,
} mk_activation;

/// `c = activation(a · b + bias)` for `m` rows of `k` floats, `a_stride` apart, and a packed `b` of `n` columns.
///
/// Rows of `c` are `c_stride ≥ mk_padded(n)` floats apart; what lies behind column `n` is overwritten.
typedef void (*mk_gemm_fn)(const float *a, size_t a_stride, size_t m, size_t k, const float *packed, size_t n,
                           const float *_Nullable bias, mk_activation activation, float *c, size_t c_stride);

/// x ← x Φ(x) with Φ by the error function, not its tanh approximation; within 4e-7 of it relative to |x|.
///
/// Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).
typedef void (*mk_gelu_fn)(float *x, size_t count);

/// Each row ← softmax of `scale` times its `columns ≥ 1` numbers, which must be finite.
///
/// Rows are `stride ≥ mk_padded(columns)` apart; what lies behind `columns` becomes 0.
typedef void (*mk_softmax_fn)(float *x, size_t rows, size_t columns, size_t stride, float scale);

/// Each row of `x` ← (x + residual − mean) / √(variance + epsilon) · gain + offset, `n` floats a row.
///
/// Source: Ba, Kiros and Hinton, "Layer Normalization" (2016).
typedef void (*mk_layer_norm_fn)(float *x, const float *_Nullable residual, size_t rows, size_t n, const float *gain,
                                 const float *offset, float epsilon);

typedef struct {
  const char *name;
  mk_gemm_fn gemm;
  mk_gelu_fn gelu;
  mk_softmax_fn softmax;
  mk_layer_norm_fn add_layer_norm;
} mk_table;

/// The table for `level`, or the best below it that this CPU can run. `VK_LEVEL_BYTES` gives what `VK_LEVEL_WIDE` does.
const mk_table *mk_kernels(vk_level level);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
