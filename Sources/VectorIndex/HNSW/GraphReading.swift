import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A saved graph on its way into memory: decoded and checked in sections of rows, on all cores.
///
/// What a check has to know of *other* rows (level, parent) is kept beside in arrays that fit the caches: the nodes
/// themselves, of which every link would touch another, do not.
///
/// `@unchecked Sendable`: a section's rows belong to the one worker that took it; arrays that all workers read were
/// written in an earlier step.
final class GraphReading: @unchecked Sendable {
  /// As many as share a counter in `PendingRows`.
  static let sectionRows = PendingRows.rowsPerBlock
  /// The level of a row that waits for its links.
  static let waits: UInt8 = .max
  private static let mostWorkers = 8

  let rowCount: Int
  private let words: UnsafeRawBufferPointer
  private let wordCount: Int
  private let links: LinkStore
  let levels: UnsafeMutablePointer<UInt8>
  private let parents: UnsafeMutablePointer<UInt32>
  /// Where each section begins, in words, and the number of upper blocks before it.
  private var sections: [(start: Int, uppers: Int)] = []
  private var uppers = 0
  private(set) var linkedCount = 0
  private(set) var highestLevel = -1
  private var firstUpper = 0
  private let failure = Mutex<VectorIndexError?>(nil)

  init(_ words: UnsafeRawBufferPointer, rowCount: Int, links: LinkStore) {
    self.words = words
    self.rowCount = rowCount
    self.links = links
    wordCount = words.count / 4
    levels = .allocate(capacity: max(1, rowCount))
    parents = .allocate(capacity: max(1, rowCount))
  }

  deinit {
    levels.deallocate()
    parents.deallocate()
  }

  @inline(__always)
  private func word(_ index: Int) -> UInt32 {
    UInt32(littleEndian: words.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
  }

  private func damaged(_ reason: String, _ index: Int) -> VectorIndexError {
    .damagedSnapshot(reason: reason, offset: index * 4)
  }

  // MARK: Steps, in this order

  /// Finds where each section begins: levels and counts are checked here, so that the next step stays inside.
  func layOut(from start: Int) throws(VectorIndexError) {
    var offset = start
    for row in 0..<rowCount {
      if row % Self.sectionRows == 0 { sections.append((offset, uppers)) }
      guard offset < wordCount else { throw damaged("the end is missing", offset) }
      let level = word(offset)
      if level == GraphFormat.none {
        levels[row] = Self.waits
        offset += 1
        continue
      }
      guard level <= HNSWParameters.maximumLevel else { throw damaged("level \(level) of row \(row)", offset) }
      levels[row] = UInt8(level)
      uppers += Int(level)
      linkedCount += 1
      highestLevel = max(highestLevel, Int(level))
      offset += 2
      for level in 0...Int(level) {
        guard offset < wordCount else { throw damaged("the end is missing", offset) }
        let count = Int(word(offset))
        guard count <= links.limit(level) else { throw damaged("\(count) links of row \(row)", offset) }
        offset += 1 + count
      }
    }
    guard offset * 4 == words.count else {
      throw damaged(offset > wordCount ? "the end is missing" : "bytes behind the last row", offset)
    }
    guard let first = links.reserveUppers(uppers) else { throw .outOfMemory(bytes: uppers * links.m * 4) }
    firstUpper = first
  }

  /// Writes the nodes.
  func decode() throws(VectorIndexError) {
    try inSections { (section, rows, _) throws(VectorIndexError) in
      var offset = sections[section].start
      var upper = firstUpper + sections[section].uppers
      for row in rows {
        let level = levels[row]
        guard level != Self.waits else {
          offset += 1
          continue
        }
        links.place(UInt32(row), level: Int(level), firstUpper: upper)
        upper += Int(level)
        let parent = word(offset + 1)
        guard parent == GraphFormat.none || parent < rowCount && parent != row else {
          throw damaged("parent \(parent) of row \(row)", offset + 1)
        }
        parents[row] = parent
        links.setParent(parent, of: UInt32(row))
        offset += 2
        for level in 0...Int(level) {
          let count = Int(word(offset))
          let list = links.links(UInt32(row), level: level)
          var isWrong = false
          for i in 0..<count {
            let id = word(offset &+ 1 &+ i)
            isWrong = isWrong || id >= UInt32(rowCount) || id == UInt32(row)
            list.ids[i] = id
          }
          guard !isWrong else { throw damaged("links of row \(row)", offset) }
          list.head[1] = UInt32(count)
          offset += 1 + count
        }
      }
    }
  }

  /// Links lead to nodes of their level, each once; there is one root, every other node has a marked link to and from
  /// its parent, and there are no circles. Sets the tree marks and the in-degrees.
  func check() throws(VectorIndexError) {
    let edges = Atomic<Int>(0)
    let workers = workerCount
    let degrees = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, rowCount * workers))
    defer { degrees.deallocate() }
    degrees.initialize(repeating: 0, count: rowCount * workers)
    // Sendable since each worker has a part of its own.
    nonisolated(unsafe) let shared = degrees
    try inSections { (section, rows, worker) throws(VectorIndexError) in
      edges.add(try checkLinks(of: rows, shared + worker * rowCount), ordering: .relaxed)
    }
    try checkTree(edges: edges.load(ordering: .relaxed))
    try inSections { (_, rows, _) throws(VectorIndexError) in
      for row in rows where levels[row] != Self.waits {
        var degree: UInt32 = 0
        for worker in 0..<workers { degree += shared[worker * rowCount + row] }
        links.addInDegree(Int32(bitPattern: degree), to: UInt32(row))
      }
    }
  }

  /// - Returns: the number of marked links.
  private func checkLinks(
    of rows: Range<Int>, _ degrees: UnsafeMutablePointer<UInt32>
  ) throws(VectorIndexError) -> Int {
    /// The last list that held an id of this hash: only then is a list looked through for a second one.
    var seen = [UInt32](repeating: 0, count: 1024)
    var stamp: UInt32 = 0
    var edges = 0
    for row in rows where levels[row] != Self.waits {
      for level in 0...Int(levels[row]) {
        let list = links.links(UInt32(row), level: level)
        stamp &+= 1
        for i in 0..<list.count {
          let id = list.ids[i] & rowMask
          guard levels[Int(id)] != Self.waits, Int(levels[Int(id)]) >= level else {
            throw damaged("link of row \(row) to \(id), not at level \(level)", sections[row / Self.sectionRows].start)
          }
          if seen[Int(id & 1023)] == stamp {
            for j in 0..<i where list.ids[j] & rowMask == id {
              throw damaged("link of row \(row) to \(id) twice", sections[row / Self.sectionRows].start)
            }
          }
          seen[Int(id & 1023)] = stamp
          guard level == 0 else { continue }
          degrees[Int(id)] &+= 1
          if parents[row] == id || parents[Int(id)] == UInt32(row) {
            list.ids[i] = id | ~rowMask
            edges += 1
          }
        }
      }
    }
    return edges
  }

  private func checkTree(edges: Int) throws(VectorIndexError) {
    var roots = 0
    let settled = UnsafeMutablePointer<Bool>.allocate(capacity: max(1, rowCount))
    defer { settled.deallocate() }
    settled.initialize(repeating: false, count: rowCount)
    var path: [Int] = []
    for first in 0..<rowCount where levels[first] != Self.waits {
      if parents[first] == LinkStore.noParent { roots += 1 }
      path.removeAll(keepingCapacity: true)
      var row = first
      while !settled[row] {
        guard path.count <= rowCount, levels[row] != Self.waits else {
          throw damaged("no tree above row \(first)", wordCount)
        }
        path.append(row)
        if parents[row] == LinkStore.noParent { break }
        row = Int(parents[row])
      }
      for row in path { settled[row] = true }
    }
    // A link is marked once from the child and once from the parent, and a parent's link to a child is marked by the
    // child: as many as twice the nodes but one only if none is missing.
    guard roots == min(linkedCount, 1), edges == 2 * max(linkedCount - 1, 0) else {
      throw damaged("a tree of \(linkedCount) rows with \(roots) roots and \(edges) links", wordCount)
    }
  }

  /// Marks the rows that are in the graph; the others stay waiting. Gives the first of those.
  func publish(to pending: PendingRows) -> Int {
    var firstWaiting = rowCount
    for start in stride(from: 0, to: rowCount, by: 64) {
      var word: UInt64 = 0
      for row in start..<min(start + 64, rowCount) {
        if levels[row] != Self.waits { word |= 1 << UInt64(row & 63) } else { firstWaiting = min(firstWaiting, row) }
      }
      pending.markLinked(word, at: start >> 6)
    }
    return firstWaiting
  }

  // MARK: Sections

  /// Asked for once, since memory is laid out by it and the number of cores may change.
  private lazy var workerCount =
    max(1, min(Self.mostWorkers, sections.count / 2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))

  /// Runs `body` for each section, whichever worker is free first. Of several errors one is thrown.
  private func inSections(
    _ body: @Sendable (_ section: Int, _ rows: Range<Int>, _ worker: Int) throws(VectorIndexError) -> Void
  ) throws(VectorIndexError) {
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
      while failure.withLock({ $0 }) == nil {
        let section = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard section < sections.count else { return }
        let rows = section * Self.sectionRows..<min((section + 1) * Self.sectionRows, rowCount)
        do throws(VectorIndexError) {
          try body(section, rows, worker)
        } catch {
          failure.withLock { $0 = error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
