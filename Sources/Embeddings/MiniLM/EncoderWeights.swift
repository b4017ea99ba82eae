import CVectorKernels

/// The sizes of all-MiniLM-L6-v2.
enum EncoderShape {
  static let layers = 6
  static let width = 384
  static let heads = 12
  static let headWidth = 32
  static let inner = 1536
  static let positions = 512
}

/// `y = x · Wᵀ + b`, with W packed for the kernels.
struct LinearLayer: Sendable {
  let inputs: Int
  let outputs: Int
  let packed: AlignedFloats
  let bias: AlignedFloats

  /// - Parameter names: layers of the same inputs, whose outputs are put side by side.
  init(_ names: [String], inputs: Int, outputs: Int, in file: SafeTensors) throws(EmbeddingError) {
    self.inputs = inputs
    self.outputs = outputs
    packed = AlignedFloats(count: mk_packed_count(outputs, inputs))
    bias = AlignedFloats(count: outputs)
    let each = outputs / names.count
    let rows = AlignedFloats(count: outputs * inputs)
    for (index, name) in names.enumerated() {
      let weights = try file.floats(name + ".weight", shape: [each, inputs])
      (rows.start + index * each * inputs).update(from: weights, count: each * inputs)
      (bias.start + index * each).update(from: try file.floats(name + ".bias", shape: [each]), count: each)
    }
    mk_pack_transposed(rows.start, inputs, outputs, inputs, packed.start)
  }

  func apply(
    _ x: UnsafePointer<Float>, rows: Int, activation: mk_activation = MK_LINEAR, into y: UnsafeMutablePointer<Float>,
    with kernels: mk_table
  ) {
    kernels.gemm(x, inputs, rows, inputs, packed.start, outputs, bias.start, activation, y, outputs)
  }
}

/// A layer norm behind the sum of a residual.
struct NormLayer: Sendable {
  let gain: AlignedFloats
  let offset: AlignedFloats

  init(_ name: String, in file: SafeTensors) throws(EmbeddingError) {
    gain = try Self.copy(name + ".weight", in: file)
    offset = try Self.copy(name + ".bias", in: file)
  }

  private static func copy(_ name: String, in file: SafeTensors) throws(EmbeddingError) -> AlignedFloats {
    let floats = AlignedFloats(count: EncoderShape.width)
    floats.start.update(from: try file.floats(name, shape: [floats.count]), count: floats.count)
    return floats
  }

  func apply(
    _ x: UnsafeMutablePointer<Float>, adding residual: UnsafePointer<Float>?, rows: Int, with kernels: mk_table
  ) {
    kernels.add_layer_norm(x, residual, rows, EncoderShape.width, gain.start, offset.start, 1e-12)
  }
}

struct EncoderLayer: Sendable {
  /// Queries, keys and values of all heads side by side.
  let attentionInput: LinearLayer
  let attentionOutput: LinearLayer
  let attentionNorm: NormLayer
  let widening: LinearLayer
  let narrowing: LinearLayer
  let outputNorm: NormLayer

  init(_ index: Int, in file: SafeTensors) throws(EmbeddingError) {
    let name = "encoder.layer.\(index)."
    let width = EncoderShape.width
    let parts = ["query", "key", "value"].map { name + "attention.self." + $0 }
    attentionInput = try LinearLayer(parts, inputs: width, outputs: 3 * width, in: file)
    attentionOutput = try LinearLayer([name + "attention.output.dense"], inputs: width, outputs: width, in: file)
    attentionNorm = try NormLayer(name + "attention.output.LayerNorm", in: file)
    widening = try LinearLayer([name + "intermediate.dense"], inputs: width, outputs: EncoderShape.inner, in: file)
    narrowing = try LinearLayer([name + "output.dense"], inputs: EncoderShape.inner, outputs: width, in: file)
    outputNorm = try NormLayer(name + "output.LayerNorm", in: file)
  }
}
