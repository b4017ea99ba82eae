import ChromaModel

/// Rows that are a function of their number, so that any process knows what a directory filled by another must answer.
struct BenchRows: Sendable {
  let dimension: Int
  private let centres: [Float]
  private let directions: [Float]
  private static let centreCount = 1024
  private static let directionCount = 256
  /// Cumulated probabilities of the words, 1/rank each.
  private let reach: [Double]

  init(dimension: Int) {
    self.dimension = dimension
    var generator = BenchGenerator(seed: 1)
    centres = (0..<Self.centreCount * dimension).map { _ in generator.signed() }
    directions = (0..<Self.directionCount * dimension).map { _ in generator.signed() }
    var sum = 0.0
    var reach: [Double] = []
    for rank in 1...Self.words.count {
      sum += 1 / Double(rank)
      reach.append(sum)
    }
    self.reach = reach.map { $0 / sum }
  }

  /// A cluster's centre, a spread in few directions of many, and noise in all of them.
  func vector(_ row: Int, into values: inout [Float]) {
    var generator = BenchGenerator(seed: UInt64(row) &+ 2)
    let centre = Int(generator.next() % UInt64(Self.centreCount)) * dimension
    let start = values.count
    for i in 0..<dimension { values.append(centres[centre + i] + 0.2 * generator.signed()) }
    for _ in 0..<8 {
      let direction = Int(generator.next() % UInt64(Self.directionCount)) * dimension
      let length = 0.5 * generator.signed()
      for i in 0..<dimension { values[start + i] += length * directions[direction + i] }
    }
  }

  func id(_ row: Int) -> String {
    let digits = String(row)
    return "record-" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
  }

  func document(_ row: Int) -> String {
    var generator = BenchGenerator(seed: UInt64(row) &+ 0x1000_0000)
    let count = 55 + Int(generator.next() % 21)
    var text = ""
    for place in 0..<count {
      let word = word(generator.unit())
      if place > 0 { text += " " }
      text += place % 12 == 0 ? word.capitalized : word.text
      if place % 12 == 11 || place == count - 1 { text += "." }
    }
    return text
  }

  private func word(_ unit: Double) -> Word {
    var low = 0
    var high = reach.count - 1
    while low < high {
      let middle = (low + high) / 2
      if reach[middle] < unit { low = middle + 1 } else { high = middle }
    }
    return Self.words[low]
  }

  /// `bucket < n` holds for a thousandth of the rows times n.
  func bucket(_ row: Int) -> Int64 { Int64((UInt64(row) &* 0x9E37_79B9_7F4A_7C15) >> 32) % 1000 }

  func metadata(_ row: Int) -> MetadataUpdate {
    [
      "bucket": .int(bucket(row)), "score": .float(Double(row % 10_007) / 10_007),
      "category": .string(Self.categories[row % Self.categories.count]),
      "source": .string("https://example.org/articles/\(row / 2)"), "published": .bool(row % 5 != 0),
    ]
  }

  func batch(_ rows: Range<Int>) -> RecordBatch {
    var values: [Float] = []
    values.reserveCapacity(rows.count * dimension)
    for row in rows { vector(row, into: &values) }
    return RecordBatch(
      ids: rows.map(id), embeddings: EmbeddingBatch(dimension: dimension, values: values),
      documents: rows.map(document), metadatas: rows.map(metadata))
  }

  private struct Word {
    let text: String
    let capitalized: String
  }

  static let categories = [
    "science", "history", "travel", "cooking", "law", "music", "sport", "finance", "health", "nature", "art", "code",
  ]

  /// As `dataset.py` has them: frequent ones first.
  private static let words: [Word] = """
    the of and to in a is that for it as was with be by on not he this are or his from at which but have an had they you
    were their one all we can her has there been if more when will would who so no out up into do any your what time people
    year way day world life hand part child eye woman place work week case point company number group problem fact water
    room money story month right study book word business issue side kind head house service friend power hour game line
    member city community name president team minute idea body information back parent face others level office door health
    person art war history party result change morning reason research moment air teacher force education foot boy age
    policy process music market sense nation plan college interest death course experience effect light river mountain
    forest island harbour castle museum painting orchestra theatre novel poem legend empire treaty election parliament court
    judge contract evidence witness verdict appeal theory experiment measurement molecule protein enzyme neuron genome
    vaccine therapy surgeon diagnosis symptom galaxy telescope orbit satellite rocket engine turbine voltage circuit
    compiler algorithm database network protocol encryption kernel thread latency throughput recipe butter garlic saffron
    cinnamon oven dough vinegar salmon orchard harvest glacier volcano monsoon estuary wetland migration predator coral
    plankton fossil sediment basalt granite marble cobalt lithium titanium furnace loom tapestry mosaic cathedral aqueduct
    citadel archipelago peninsula isthmus meridian equinox solstice sonata concerto libretto crescendo
    marathon javelin regatta tournament dividend inflation mortgage collateral arbitrage actuary ledger subsidy tariff
    """
    .split(whereSeparator: \.isWhitespace).map { word in
      Word(text: String(word), capitalized: word.prefix(1).uppercased() + word.dropFirst())
    }
}

/// SplitMix64.
struct BenchGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in −1 ..< 1.
  mutating func signed() -> Float { Float(Int32(truncatingIfNeeded: next() >> 32)) * 0x1p-31 }
}
