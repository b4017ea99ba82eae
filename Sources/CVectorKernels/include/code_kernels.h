// 8-bit codes of float vectors; see VectorIndex/ScalarQuantizer.swift for their meaning.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// Writes `round(x · 127 / max |x|) ^ flip` for each of `n` floats and gives max |x| / 127: 0, with codes of 0, for a
/// vector that is zero for every purpose (max |x| ≤ 1e-36), and −1, with nothing written, when a component is not
/// finite. The same bits on every CPU: one product, one sum and a cut a component, never fused.
float vk_encode_codes(const float *vector, size_t n, uint8_t flip, uint8_t *codes);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
