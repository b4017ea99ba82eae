import CVectorKernels
import ChromaTestSupport
import Foundation
import Testing

/// Each kernel of each level against a plain loop in Double.
@Suite("Matrix kernels")
struct MatrixKernelTests {
  static let levels: [UInt32] = [0, 1, 2, 3]

  private func table(_ level: UInt32) -> mk_table { mk_kernels(vk_level(level)).pointee }

  @Test("Products agree with a plain loop for all kinds of edges, and touch no other row", arguments: levels)
  func products(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: UInt64(level))
    let shapes = [
      (1, 1, 1), (1, 384, 32), (2, 7, 31), (3, 32, 33), (5, 100, 64), (12, 385, 40), (13, 31, 1), (25, 769, 96),
      (193, 16, 65), (200, 400, 33),
    ]
    for (m, k, n) in shapes {
      for (hasBias, activation) in [(false, MK_LINEAR), (true, MK_LINEAR), (true, MK_GELU)] {
        let (aStride, wStride, cStride) = (k + 3, k + 1, mk_padded(n) + 5)
        let a = (0..<(m * aStride)).map { _ in generator.nextGaussian() }
        let w = (0..<(n * wStride)).map { _ in generator.nextGaussian() }
        let bias = (0..<n).map { _ in generator.nextGaussian() }
        var packed = [Float](repeating: .nan, count: mk_packed_count(n, k))
        mk_pack_transposed(w, wStride, n, k, &packed)
        var c = [Float](repeating: .nan, count: (m + 1) * cStride)
        for i in 0..<cStride { c[m * cStride + i] = 7 }
        bias.withUnsafeBufferPointer { bias in
          kernels.gemm(a, aStride, m, k, packed, n, hasBias ? bias.baseAddress : nil, activation, &c, cStride)
        }
        for i in 0..<m {
          for j in 0..<n {
            var sum = hasBias ? Double(bias[j]) : 0
            var size = abs(sum)
            for x in 0..<k {
              let product = Double(a[i * aStride + x]) * Double(w[j * wStride + x])
              sum += product
              size += abs(product)
            }
            let expected = activation == MK_GELU ? gelu(sum) : sum
            let found = Double(c[i * cStride + j])
            #expect(abs(found - expected) <= 2e-6 * (size + 1), "level \(level), \((m, k, n)), row \(i), column \(j)")
          }
        }
        #expect(c[(m * cStride)...].allSatisfy { $0 == 7 })
      }
    }
  }

  @Test("A row has the same bits whatever rows are multiplied with it", arguments: levels)
  func rowsAreIndependent(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: 5)
    let (k, n) = (800, 64)
    let a = (0..<(40 * k)).map { _ in generator.nextGaussian() }
    let w = (0..<(n * k)).map { _ in generator.nextGaussian() }
    var packed = [Float](repeating: 0, count: mk_packed_count(n, k))
    mk_pack_transposed(w, k, n, k, &packed)
    var all = [Float](repeating: 0, count: 40 * n)
    kernels.gemm(a, k, 40, k, packed, n, nil, MK_LINEAR, &all, n)
    for row in 0..<40 {
      var one = [Float](repeating: 0, count: n)
      kernels.gemm(Array(a[(row * k)..<((row + 1) * k)]), k, 1, k, packed, n, nil, MK_LINEAR, &one, n)
      #expect(one == Array(all[(row * n)..<((row + 1) * n)]), "row \(row)")
    }
  }

  @Test("Both ways of packing agree, and fill their last panel with zeros")
  func packing() {
    for (n, k) in [(1, 1), (31, 3), (32, 2), (33, 5), (70, 4)] {
      let rows = (0..<(n * k)).map { Float($0 + 1) }
      var transposed = [Float](repeating: 0, count: n * k)
      for i in 0..<n { for j in 0..<k { transposed[j * n + i] = rows[i * k + j] } }
      var a = [Float](repeating: .nan, count: mk_packed_count(n, k))
      var b = a
      mk_pack_transposed(rows, k, n, k, &a)
      mk_pack(transposed, n, n, k, &b)
      #expect(a == b)
      #expect(a.filter { $0 == 0 }.count == (mk_padded(n) - n) * k)
      #expect(a.filter { $0 != 0 }.sorted() == rows)
    }
  }

  private func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }

  @Test("GELU is the one with the error function, everywhere", arguments: levels)
  func gelus(level: UInt32) {
    let kernels = table(level)
    for count in [0, 1, 15, 16, 17, 100, 20001] {
      let values = (0..<count).map { 12 * (Float($0) / Float(max(count - 1, 1)) - 0.5) }
      var found = values
      kernels.gelu(&found, count)
      for (x, y) in zip(values, found) {
        #expect(abs(Double(y) - gelu(Double(x))) <= 4e-7 * Double(abs(x)), "gelu(\(x)) = \(y)")
      }
    }
    var ends: [Float] = [-1e30, 1e30, -0.0, .leastNonzeroMagnitude]
    kernels.gelu(&ends, 4)
    #expect(ends[0] == 0 && ends[1] == 1e30 && ends[2] == 0)
  }

  @Test("Softmax agrees with its definition, also where exponentials would overflow", arguments: levels)
  func softmaxes(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: 11)
    for columns in [1, 2, 15, 16, 31, 32, 33, 100, 124, 256] {
      for spread in [Float(1), 30, 3000] {
        let (rows, stride, scale) = (3, mk_padded(columns) + 3, Float(0.17))
        let x = (0..<(rows * stride)).map { _ in generator.nextGaussian() * spread }
        var found = x
        kernels.softmax(&found, rows, columns, stride, scale)
        for row in 0..<rows {
          let numbers = x[(row * stride)..<(row * stride + columns)].map { Double($0) * Double(scale) }
          let largest = numbers.max() ?? 0
          let sum = numbers.reduce(0) { $0 + exp($1 - largest) }
          for (i, number) in numbers.enumerated() {
            // The argument's own rounding counts in the result: it is as large as the argument.
            let expected = exp(number - largest) / sum
            let tolerance = 1e-6 + 3e-7 * expected * abs(number - largest)
            #expect(
              abs(Double(found[row * stride + i]) - expected) <= tolerance, "\(columns) columns, spread \(spread)")
          }
          #expect(found[(row * stride + columns)..<(row * stride + mk_padded(columns))].allSatisfy { $0 == 0 })
        }
      }
    }
  }

  @Test("Layer norm agrees with its definition, with and without a residual", arguments: levels)
  func norms(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: 13)
    for n in [1, 2, 17, 384] {
      let x = (0..<(3 * n)).map { _ in generator.nextGaussian() * 4 + 1 }
      let residual = (0..<(3 * n)).map { _ in generator.nextGaussian() }
      let gain = (0..<n).map { _ in generator.nextGaussian() }
      let offset = (0..<n).map { _ in generator.nextGaussian() }
      for added in [false, true] {
        var found = x
        residual.withUnsafeBufferPointer {
          kernels.add_layer_norm(&found, added ? $0.baseAddress : nil, 3, n, gain, offset, 1e-3)
        }
        for row in 0..<3 {
          let sums = (0..<n).map { Double(x[row * n + $0]) + (added ? Double(residual[row * n + $0]) : 0) }
          let mean = sums.reduce(0, +) / Double(n)
          let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
          for i in 0..<n {
            let expected = (sums[i] - mean) / (variance + 1e-3).squareRoot() * Double(gain[i]) + Double(offset[i])
            #expect(abs(Double(found[row * n + i]) - expected) <= 2e-5, "n \(n), row \(row), number \(i)")
          }
        }
      }
    }
  }

  @Test("A level this CPU lacks gives the best below it")
  func clamping() {
    #expect(String(cString: table(0).name) == "scalar")
    #expect(String(cString: table(99).name) == String(cString: table(2).name))
  }
}
