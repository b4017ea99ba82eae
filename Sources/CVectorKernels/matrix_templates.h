// The matrix kernels of one level, written once over vectors of a width that the including file chooses:
//
//   MK_NAME(f)    the level's name for function f
//   MK_TARGET     the functions' target attribute
//   MK_LANES      floats in a vector
//   MK_VECTORS    vectors of a tile's row
//   MK_ROWS       rows of a tile; MK_ROWS × MK_VECTORS sums stay in registers
//
// Products are contracted to fused ones wherever the target has them.
#include "matrix_kernels.h"

#define MK_COLUMNS (MK_LANES * MK_VECTORS)
#define MK_VECTOR MK_NAME(vector)
#define MK_UNROLL _Pragma("clang loop unroll(full)")
#define MK_FUNCTION MK_TARGET VK_INLINE

/// Unaligned, and free to overlap with plain floats.
typedef float MK_VECTOR __attribute__((vector_size(MK_LANES * 4), aligned(4), may_alias));
typedef int32_t MK_NAME(words) __attribute__((vector_size(MK_LANES * 4), aligned(4)));

// MARK: Elementary functions

/// e to the power of each lane, for numbers up to 0; below -87 as at -87, which is 1.6e-38.
///
/// Source: Cody and Waite, "Software Manual for the Elementary Functions" (1980); coefficients of Cephes' expf.
MK_FUNCTION MK_VECTOR MK_NAME(exp)(MK_VECTOR x) {
#pragma clang fp contract(fast)
  x = __builtin_elementwise_max(x, (MK_VECTOR){0} - 87.0f);
  // Adding 1.5 · 2²³ rounds to a whole number, which stands in the lowest bits.
  MK_VECTOR shifted = x * 1.44269504f + 12582912.0f;
  MK_VECTOR whole = shifted - 12582912.0f;
  MK_VECTOR r = x - whole * 0.693359375f;
  r = r + whole * 2.12194440e-4f;
  MK_VECTOR p = (MK_VECTOR){0} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  union {
    MK_NAME(words) bits;
    MK_VECTOR value;
  } power = {.value = shifted};
  power.bits = (power.bits + 127) << 23;
  return p * power.value;
}

/// The error function as a quotient of polynomials on [-4, 4], outside of which it is ±1 in float32.
///
/// Source: the coefficients Eigen and XLA use for float32.
MK_FUNCTION float MK_NAME(erf)(float x) {
#pragma clang fp contract(fast)
  x = x < -4.0f ? -4.0f : x;
  x = x > 4.0f ? 4.0f : x;
  float s = x * x;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s - 2.10102402082508e-06f;
  p = p * s - 5.69250639462346e-05f;
  p = p * s - 7.34990630326855e-04f;
  p = p * s - 2.95459980854025e-03f;
  p = p * s - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s - 2.13374055278905e-04f;
  q = q * s - 1.68282697438203e-03f;
  q = q * s - 7.37332916720468e-03f;
  q = q * s - 1.42647390514189e-02f;
  return x * p / q;
}

MK_TARGET static void MK_NAME(gelu)(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = 0.5f * x[i] * (1.0f + MK_NAME(erf)(x[i] * 0.707106781f));
}

// MARK: Matrix product

/// `rows` × MK_COLUMNS numbers of the result, over `k` numbers of each row of `a`. `rows` is a constant where this is
/// called, so that the sums are registers.
MK_FUNCTION void MK_NAME(tile)(const float *a, size_t a_stride, size_t k, const float *b, float *c, size_t c_stride,
                               int accumulates, const int rows) {
#pragma clang fp contract(fast)
  MK_VECTOR sums[MK_ROWS][MK_VECTORS];
  MK_UNROLL for (int r = 0; r < rows; r++) {
    MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) {
      sums[r][v] = accumulates ? *(const MK_VECTOR *)(c + r * c_stride + v * MK_LANES) : (MK_VECTOR){0};
    }
  }
  for (size_t i = 0; i < k; i++) {
    MK_VECTOR row[MK_VECTORS];
    MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) row[v] = *(const MK_VECTOR *)(b + i * MK_PANEL + v * MK_LANES);
    MK_UNROLL for (int r = 0; r < rows; r++) {
      float x = a[r * a_stride + i];
      MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) sums[r][v] = sums[r][v] + x * row[v];
    }
  }
  MK_UNROLL for (int r = 0; r < rows; r++) {
    MK_UNROLL for (int v = 0; v < MK_VECTORS; v++) *(MK_VECTOR *)(c + r * c_stride + v * MK_LANES) = sums[r][v];
  }
}

/// One panel of columns for `m` rows.
MK_TARGET static void MK_NAME(panel)(const float *a, size_t a_stride, size_t m, size_t k, const float *b, float *c,
                                     size_t c_stride, int accumulates) {
  for (size_t column = 0; column < MK_PANEL; column += MK_COLUMNS) {
    size_t i = 0;
#define MK_TILES(ROWS)                                                                                               \
  for (; (ROWS) <= MK_ROWS && i + (ROWS) <= m; i += (ROWS)) {                                                        \
    MK_NAME(tile)(a + i * a_stride, a_stride, k, b + column, c + i * c_stride + column, c_stride, accumulates,       \
                  (ROWS) < MK_ROWS ? (ROWS) : MK_ROWS);                                                              \
  }
    MK_TILES(MK_ROWS)
    MK_TILES(8)
    MK_TILES(4)
    MK_TILES(2)
    MK_TILES(1)
#undef MK_TILES
  }
}

/// Blocks of rows and of k that keep one block of `a` and one panel of `b` in the second-level cache.
///
/// Source: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
MK_TARGET static void MK_NAME(gemm)(const float *a, size_t a_stride, size_t m, size_t k, const float *packed, size_t n,
                                    const float *bias, mk_activation activation, float *c, size_t c_stride) {
  const size_t row_block = 192, k_block = 384;
  for (size_t row = 0; row < m; row += row_block) {
    size_t rows = m - row < row_block ? m - row : row_block;
    for (size_t depth = 0; depth < k; depth += k_block) {
      size_t length = k - depth < k_block ? k - depth : k_block;
      for (size_t column = 0; column < n; column += MK_PANEL) {
        float *block = c + row * c_stride + column;
        MK_NAME(panel)(a + row * a_stride + depth, a_stride, rows, length, packed + column * k + depth * MK_PANEL,
                       block, c_stride, depth > 0);
        if (depth + length < k) continue;
        size_t columns = n - column < MK_PANEL ? n - column : MK_PANEL;
        for (size_t r = 0; r < rows; r++) {
          float *x = block + r * c_stride;
          if (bias) {
            for (size_t j = 0; j < columns; j++) x[j] += bias[column + j];
          }
          if (activation == MK_GELU) MK_NAME(gelu)(x, columns);
        }
      }
    }
  }
}

// MARK: Rows

MK_TARGET static void MK_NAME(softmax)(float *x, size_t rows, size_t columns, size_t stride, float scale) {
  // Whole panels, so that every step is a whole vector.
  size_t padded = mk_padded(columns);
  for (size_t r = 0; r < rows; r++) {
    float *p = x + r * stride;
    for (size_t i = columns; i < padded; i++) p[i] = p[0];
    MK_VECTOR largest = *(const MK_VECTOR *)p;
    for (size_t i = MK_LANES; i < padded; i += MK_LANES) {
      largest = __builtin_elementwise_max(largest, *(const MK_VECTOR *)(p + i));
    }
    float maximum = largest[0], sum = 0;
    for (int j = 1; j < MK_LANES; j++) maximum = largest[j] > maximum ? largest[j] : maximum;
    for (size_t i = 0; i < padded; i += MK_LANES) {
      MK_VECTOR *v = (MK_VECTOR *)(p + i);
      *v = MK_NAME(exp)((*v - maximum) * scale);
    }
    for (size_t i = columns; i < padded; i++) p[i] = 0;
    MK_VECTOR sums = {0};
    for (size_t i = 0; i < padded; i += MK_LANES) sums += *(const MK_VECTOR *)(p + i);
    for (int j = 0; j < MK_LANES; j++) sum += sums[j];
    float inverse = 1.0f / sum;
    for (size_t i = 0; i < padded; i += MK_LANES) *(MK_VECTOR *)(p + i) *= inverse;
  }
}

MK_TARGET static void MK_NAME(add_layer_norm)(float *x, const float *residual, size_t rows, size_t n,
                                              const float *gain, const float *offset, float epsilon) {
  for (size_t r = 0; r < rows; r++) {
#pragma clang fp reassociate(on) contract(fast)
    float *p = x + r * n;
    if (residual) {
      for (size_t i = 0; i < n; i++) p[i] += residual[r * n + i];
    }
    float sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += p[i];
    float mean = sum / (float)n;
    for (size_t i = 0; i < n; i++) squares += (p[i] - mean) * (p[i] - mean);
    float inverse = 1.0f / __builtin_sqrtf(squares / (float)n + epsilon);
    for (size_t i = 0; i < n; i++) p[i] = (p[i] - mean) * inverse * gain[i] + offset[i];
  }
}

#define MK_STRING(text) #text
#define MK_TABLE(NAME)                         \
  const mk_table mk_##NAME##_table = {         \
      .name = MK_STRING(NAME),                 \
      .gemm = MK_NAME(gemm),                   \
      .gelu = MK_NAME(gelu),                   \
      .softmax = MK_NAME(softmax),             \
      .add_layer_norm = MK_NAME(add_layer_norm), \
  };
