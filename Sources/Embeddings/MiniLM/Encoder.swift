import CVectorKernels

/// The forward pass: token ids to unit vectors.
///
/// Texts of a batch stand one after another without padding: all linear layers see them as one matrix, and each text
/// attends to itself. So a text has the same vector, to the bit, in any batch.
///
/// Sources: Vaswani et al., "Attention Is All You Need" (2017); Devlin et al., "BERT" (2019); Reimers and Gurevych,
/// "Sentence-BERT" (2019), 3 for the pooling.
/// Sendable since the pointers are into the mapped file it holds, which is only read.
struct Encoder: @unchecked Sendable {
  private let file: SafeTensors
  /// In the mapped file: few of its rows are ever read.
  private let words: UnsafePointer<Float>
  private let positions: UnsafePointer<Float>
  private let segment: UnsafePointer<Float>
  private let embeddingNorm: NormLayer
  private let layers: [EncoderLayer]
  private let kernels: mk_table

  /// - Throws: `.malformed` when an array is missing or has another shape than the model's.
  init(_ file: SafeTensors, vocabularyCount: Int, level: vk_level) throws(EmbeddingError) {
    let width = EncoderShape.width
    self.file = file
    words = try file.floats("embeddings.word_embeddings.weight", shape: [vocabularyCount, width])
    positions = try file.floats("embeddings.position_embeddings.weight", shape: [EncoderShape.positions, width])
    segment = try file.floats("embeddings.token_type_embeddings.weight", shape: [2, width])
    embeddingNorm = try NormLayer("embeddings.LayerNorm", in: file)
    var layers: [EncoderLayer] = []
    for index in 0..<EncoderShape.layers { layers.append(try EncoderLayer(index, in: file)) }
    self.layers = layers
    kernels = mk_kernels(level).pointee
  }

  /// Room for a batch's numbers between the layers; about 16 KB a token.
  struct Scratch {
    fileprivate let x, y, context, heads, inner, scores, keys, values: AlignedFloats

    init(tokens: Int, longest: Int) {
      x = AlignedFloats(count: tokens * EncoderShape.width)
      y = AlignedFloats(count: tokens * EncoderShape.width)
      context = AlignedFloats(count: tokens * EncoderShape.width)
      heads = AlignedFloats(count: tokens * 3 * EncoderShape.width)
      inner = AlignedFloats(count: tokens * EncoderShape.inner)
      scores = AlignedFloats(count: longest * mk_padded(longest))
      keys = AlignedFloats(count: mk_packed_count(longest, EncoderShape.headWidth))
      values = AlignedFloats(count: mk_packed_count(EncoderShape.headWidth, longest))
    }
  }

  /// - Parameters:
  ///   - texts: ids below the vocabulary's count; each at least one and at most ``EncoderShape/positions`` of them.
  ///   - scratch: for at least as many tokens as the texts have together, and as the longest has.
  ///   - write: called with the position of each text and its vector of length 1, valid during the call.
  func encode(_ texts: [[Int32]], scratch: Scratch, write: (Int, UnsafePointer<Float>) -> Void) {
    let tokens = texts.reduce(0) { $0 + $1.count }
    let (x, y) = (scratch.x.start, scratch.y.start)
    embed(texts, into: x)
    embeddingNorm.apply(x, adding: nil, rows: tokens, with: kernels)
    for layer in layers {
      layer.attentionInput.apply(x, rows: tokens, into: scratch.heads.start, with: kernels)
      attend(texts, scratch: scratch)
      layer.attentionOutput.apply(scratch.context.start, rows: tokens, into: y, with: kernels)
      layer.attentionNorm.apply(x, adding: y, rows: tokens, with: kernels)
      layer.widening.apply(x, rows: tokens, activation: MK_GELU, into: scratch.inner.start, with: kernels)
      layer.narrowing.apply(scratch.inner.start, rows: tokens, into: y, with: kernels)
      layer.outputNorm.apply(x, adding: y, rows: tokens, with: kernels)
    }
    var row = 0
    for (index, text) in texts.enumerated() {
      Self.pool(x + row * EncoderShape.width, rows: text.count, into: y)
      write(index, y)
      row += text.count
    }
  }

  private func embed(_ texts: [[Int32]], into x: UnsafeMutablePointer<Float>) {
    let width = EncoderShape.width
    var out = x
    for text in texts {
      for (position, id) in text.enumerated() {
        let word = words + Int(id) * width
        let place = positions + position * width
        for i in 0..<width { out[i] = word[i] + segment[i] + place[i] }
        out += width
      }
    }
  }

  /// Softmax(Q Kᵀ / √headWidth) V for each text and head, from `heads` into `context`.
  private func attend(_ texts: [[Int32]], scratch: Scratch) {
    let width = EncoderShape.width
    let each = EncoderShape.headWidth
    let scale = 1 / Float(each).squareRoot()
    var row = 0
    for text in texts {
      let count = text.count
      let stride = mk_padded(count)
      for head in 0..<EncoderShape.heads {
        let query = scratch.heads.start + row * 3 * width + head * each
        mk_pack_transposed(query + width, 3 * width, count, each, scratch.keys.start)
        kernels.gemm(
          query, 3 * width, count, each, scratch.keys.start, count, nil, MK_LINEAR, scratch.scores.start, stride)
        kernels.softmax(scratch.scores.start, count, count, stride, scale)
        mk_pack(query + 2 * width, 3 * width, each, count, scratch.values.start)
        kernels.gemm(
          scratch.scores.start, stride, count, count, scratch.values.start, each, nil, MK_LINEAR,
          scratch.context.start + row * width + head * each, width)
      }
      row += count
    }
  }

  /// The mean of the rows, brought to length 1.
  private static func pool(_ x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>) {
    let width = EncoderShape.width
    out.update(repeating: 0, count: width)
    for row in 0..<rows {
      for i in 0..<width { out[i] += x[row * width + i] }
    }
    var squares: Float = 0
    for i in 0..<width {
      out[i] /= Float(rows)
      squares += out[i] * out[i]
    }
    let inverse = 1 / max(squares.squareRoot(), 1e-12)
    for i in 0..<width { out[i] *= inverse }
  }
}
