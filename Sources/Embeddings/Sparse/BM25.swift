import ChromaModel

/// The sparse embedding of Chroma's clients (`chroma_bm25`), number for number.
///
/// A word's index is the absolute value of its stem's 32-bit hash, its weight the BM25 term frequency against a fixed
/// average length: no corpus is consulted. Documents and queries are embedded alike. Two stems with one hash count as
/// one word.
///
/// Follows Chroma's Python client; its JavaScript client hashes words outside ASCII differently.
public struct BM25: SparseEmbeddingFunction {
  /// How fast repeats of a word stop to count.
  public let k: Double
  /// How much long texts are held back, from 0 to 1.
  public let b: Double
  /// In words, after stop words are gone.
  public let averageLength: Double
  /// In Unicode scalars; longer words are left out.
  public let maximumWordLength: Int
  /// Replaces the built-in English list; `nil` keeps it.
  public let stopWords: [String]?
  /// Whether the vectors carry their stems.
  public let includesTokens: Bool

  private let stopWordSet: Set<[Unicode.Scalar]>

  public init(
    k: Double = 1.2, b: Double = 0.75, averageLength: Double = 256, maximumWordLength: Int = 40,
    stopWords: [String]? = nil, includesTokens: Bool = false
  ) {
    self.k = k
    self.b = b
    self.averageLength = averageLength
    self.maximumWordLength = maximumWordLength
    self.stopWords = stopWords
    self.includesTokens = includesTokens
    stopWordSet = stopWords.map { Set($0.map { LowerCase.scalars($0) }) } ?? Self.englishStopWords
  }

  public var name: String { "chroma_bm25" }

  public func embed(_ texts: [String]) -> [SparseVector] { texts.map(vector) }

  /// - Complexity: O(length of the text), plus sorting its distinct words.
  public func vector(_ text: String) -> SparseVector {
    let stems = stems(text)
    guard !stems.isEmpty else { return SparseVector(indices: [], values: []) }
    var counts: [UInt32: (frequency: Double, stem: [Unicode.Scalar])] = [:]
    for stem in stems { counts[Self.index(stem), default: (0, stem)].frequency += 1 }
    let indices = counts.keys.sorted()
    let length = Double(stems.count)
    var vector = SparseVector(indices: indices, values: [], tokens: includesTokens ? [] : nil)
    for index in indices {
      guard let entry = counts[index] else { continue }
      // In the order of the client's own expression, in Double, so that the rounding is the same.
      let denominator = entry.frequency + k * (1 - b + (b * length) / averageLength)
      vector.values.append(Float(entry.frequency * (k + 1) / denominator))
      vector.tokens?.append(Self.string(entry.stem))
    }
    return vector
  }

  /// Under which form a word is counted; `nil` for one that is not: a stop word, an overlong one, no word at all.
  public func stem(_ word: String) -> String? { stems(word).first.map(Self.string) }

  /// Words of the text in order: lower case, without stop words and overlong ones, stemmed.
  func stems(_ text: String) -> [[Unicode.Scalar]] {
    var stems: [[Unicode.Scalar]] = []
    var stemmer = EnglishStemmer()
    for word in WordSequence(text) where word.count <= maximumWordLength && !stopWordSet.contains(word) {
      let stem = stemmer.stem(word)
      if !stem.isEmpty { stems.append(stem) }
    }
    return stems
  }

  static func index(_ stem: [Unicode.Scalar]) -> UInt32 {
    Int32(bitPattern: MurmurHash3.hash(string(stem).utf8)).magnitude
  }

  private static func string(_ scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static let englishStopWords = Set(EnglishStopWords.all.map { Array($0.unicodeScalars) })
}
