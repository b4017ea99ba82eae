import CVectorKernels
import ChromaTestSupport
import Testing

/// Each kernel of each level against a plain loop.
@Suite("Distance kernels")
struct KernelTests {
  static let levels: [UInt32] = [0, 1, 2, 3]
  static let lengths = Array(1...130) + [384, 768, 1536]

  private func table(_ level: UInt32) -> vk_table { vk_kernels(vk_level(level)).pointee }

  @Test("Dot product and squared distance agree with a plain loop from any start", arguments: levels)
  func pairs(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: UInt64(level))
    let values = (0..<3200).map { _ in generator.nextGaussian() }
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for n in Self.lengths {
        for start in 0..<4 {
          let a = base + start
          let b = base + 1601 + start
          var dot = 0.0
          var l2 = 0.0
          var size = 0.0
          for i in 0..<n {
            dot += Double(a[i]) * Double(b[i])
            l2 += Double(a[i] - b[i]) * Double(a[i] - b[i])
            size += abs(Double(a[i]) * Double(b[i]))
          }
          #expect(abs(Double(kernels.f32_dot(a, b, n)) - dot) <= 1e-5 * (size + 1), "level \(level), n \(n)")
          #expect(abs(Double(kernels.f32_l2(a, b, n)) - l2) <= 1e-5 * (l2 + 1), "level \(level), n \(n)")
        }
      }
    }
  }

  @Test("Gather and scan give the same bits as one pair at a time", arguments: levels)
  func families(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: 7)
    for n in [1, 3, 16, 31, 64, 130, 384] {
      let stride = n + 5
      let query = (0..<n).map { _ in generator.nextGaussian() }
      let values = (0..<(stride * 9)).map { _ in generator.nextGaussian() }
      values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        for count in [0, 1, 2, 3, 9] {
          let order = (0..<count).map { _ in Int.random(in: 0..<9, using: &generator) }
          let rows = order.map { base + $0 * stride }
          var gathered = [Float](repeating: -1, count: count)
          var scanned = gathered
          kernels.f32_dot_gather(query, rows, n, count, &gathered)
          #expect(gathered == rows.map { kernels.f32_dot(query, $0, n) })
          kernels.f32_l2_gather(query, rows, n, count, &gathered)
          #expect(gathered == rows.map { kernels.f32_l2(query, $0, n) })
          kernels.f32_dot_scan(query, base, stride, n, count, &scanned)
          #expect(scanned == (0..<count).map { kernels.f32_dot(query, base + $0 * stride, n) })
          kernels.f32_l2_scan(query, base, stride, n, count, &scanned)
          #expect(scanned == (0..<count).map { kernels.f32_l2(query, base + $0 * stride, n) })
        }
      }
    }
  }

  @Test("Byte dot products are exact, also at the ends of the range", arguments: levels)
  func bytes(level: UInt32) {
    let kernels = table(level)
    var generator = SeededGenerator(seed: 3)
    let extremes: [(UInt8, Int8)] = [(255, 127), (255, -128), (0, -128)]
    for n in Self.lengths {
      for start in 0..<3 {
        var a = (0..<(n + 3)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var b = (0..<(n + 3)).map { _ in Int8.random(in: -128...127, using: &generator) }
        for extreme in 0...extremes.count {
          if extreme > 0 {
            a = [UInt8](repeating: extremes[extreme - 1].0, count: n + 3)
            b = [Int8](repeating: extremes[extreme - 1].1, count: n + 3)
          }
          let expected = (0..<n).reduce(Int32(0)) { $0 + Int32(a[start + $1]) * Int32(b[start + $1]) }
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              guard let a = a.baseAddress, let b = b.baseAddress else { return }
              #expect(kernels.u8s8_dot(a + start, b + start, n) == expected, "level \(level), n \(n)")
              var out: [Int32] = [-1, -1]
              kernels.u8s8_dot_gather(b + start, [a + start, a + start], n, 2, &out)
              #expect(out == [expected, expected], "level \(level), n \(n)")
            }
          }
        }
      }
    }
  }

  @Test("A level this CPU lacks gives the best below it")
  func clamping() {
    #expect(String(cString: table(0).name) == "scalar")
    #expect(String(cString: table(99).name) == String(cString: table(3).name))
  }
}
