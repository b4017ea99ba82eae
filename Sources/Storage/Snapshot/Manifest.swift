internal import ChromaModel

/// What a collection's saved state consists of: the files of one checkpoint and the point in its history they stand for.
///
/// Written as JSON with a checksum line behind it, beside, synced and renamed: there is always one whole manifest. Files
/// are written once, under names that are not used again; those no manifest names are removed.
package struct Manifest: Sendable, Equatable {
  /// Raised when an older version could no longer read what we write, or we what it wrote: a collection is then read
  /// from its database once.
  static let format = 2
  static let fileName = "MANIFEST"

  /// A file of its own with the checksum of all its bytes.
  package struct File: Sendable, Equatable {
    package var name: String
    package var byteCount: Int
    package var checksum: UInt64
  }

  /// Several record blocks one behind another in one file.
  package struct BlockFile: Sendable, Equatable {
    package var file: File
    /// Start of each block in the file; each ends where the next one starts.
    package var starts: [Int]

    package init(file: File, starts: [Int]) {
      self.file = file
      self.starts = starts
    }
  }

  /// Rows `0 ..< rowCount` are covered: blocks first, then those of `tailVersions`.
  package var rowCount = 0
  package var blockFiles: [BlockFile] = []
  package var tailVersions: [Int64] = []
  package var live: File?
  /// No version above this one is among the rows.
  package var lastVersion: Int64 = 0
  /// Changes up to this one are in `live`.
  package var lastChange: Int64 = 0
  package var dimension: Int?
  /// The graph's links a node, which the collection's setting may have left behind.
  package var neighbors: Int?
  /// Chunks of vectors in row order; the last one may be partly filled.
  package var vectorFiles: [File] = []
  /// The vector index's links over the first rows, at most `rowCount`: the graph may be older than the rest.
  package var graph: File?
  /// Rows that are in that graph.
  package var linkedRows = 0

  package init() {}

  package var files: [File] { blockFiles.map(\.file) + vectorFiles + [live, graph].compactMap(\.self) }

  package var fileNames: Set<String> { Set(files.map(\.name)) }
}

extension Manifest.File {
  fileprivate var json: JSONValue {
    ["name": .string(name), "bytes": .int(Int64(byteCount)), "checksum": .string(String(checksum, radix: 16))]
  }

  fileprivate init?(json: JSONValue?) {
    guard case .string(let name)? = json?["name"], case .int(let bytes)? = json?["bytes"], bytes >= 0,
      case .string(let text)? = json?["checksum"], let checksum = UInt64(text, radix: 16), !name.contains("/")
    else { return nil }
    self.init(name: name, byteCount: Int(bytes), checksum: checksum)
  }
}

extension Manifest {
  var encoded: [UInt8] {
    var members: [String: JSONValue] = [
      "format": .int(Int64(Self.format)), "rows": .int(Int64(rowCount)), "last_version": .int(lastVersion),
      "last_change": .int(lastChange), "tail_versions": .array(tailVersions.map(JSONValue.int)),
      "vectors": .array(vectorFiles.map(\.json)),
      "blocks": .array(
        blockFiles.map { ["file": $0.file.json, "starts": .array($0.starts.map { .int(Int64($0)) })] }),
    ]
    members["live"] = live?.json
    members["graph"] = graph?.json
    members["linked"] = .int(Int64(linkedRows))
    members["dimension"] = dimension.map { .int(Int64($0)) }
    members["neighbors"] = neighbors.map { .int(Int64($0)) }
    let text = Array(JSONValue.object(members).text.utf8)
    let checksum = text.withUnsafeBytes { Checksum.of($0) }
    return text + Array("\n\(String(checksum, radix: 16))\n".utf8)
  }

  init(encoded bytes: [UInt8], path: String) throws(StorageError) {
    let damaged = StorageError.damaged(path: path, reason: "the manifest is not whole")
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard lines.count == 2, bytes.last == UInt8(ascii: "\n"),
      let sum = UInt64(String(decoding: lines[1], as: UTF8.self), radix: 16),
      Array(lines[0]).withUnsafeBytes({ Checksum.of($0) }) == sum,
      let json = try? JSONValue(parsing: Array(lines[0])), case .int(let format)? = json["format"]
    else { throw damaged }
    guard format <= Self.format else {
      throw .newerFormat(path: path, found: Int(format), supported: Self.format)
    }
    guard format == Self.format else {
      throw .damaged(path: path, reason: "format \(format), written by an earlier version")
    }
    guard case .int(let rows)? = json["rows"], case .int(let version)? = json["last_version"],
      case .int(let change)? = json["last_change"], case .array(let tail)? = json["tail_versions"],
      case .array(let vectors)? = json["vectors"], case .array(let blocks)? = json["blocks"]
    else { throw damaged }
    rowCount = Int(rows)
    lastVersion = version
    lastChange = change
    live = File(json: json["live"])
    graph = File(json: json["graph"])
    if case .int(let linked)? = json["linked"] {
      guard linked >= 0, linked <= rows else { throw damaged }
      linkedRows = Int(linked)
    }
    if case .int(let dimension)? = json["dimension"] { self.dimension = Int(dimension) }
    if case .int(let neighbors)? = json["neighbors"] { self.neighbors = Int(neighbors) }
    for version in tail {
      guard case .int(let version) = version else { throw damaged }
      tailVersions.append(version)
    }
    for vector in vectors {
      guard let file = File(json: vector) else { throw damaged }
      vectorFiles.append(file)
    }
    for block in blocks {
      guard let file = File(json: block["file"]), case .array(let starts)? = block["starts"] else { throw damaged }
      let offsets = starts.compactMap { if case .int(let start) = $0 { Int(start) } else { nil } }
      guard offsets.count == starts.count, offsets.allSatisfy({ (0...file.byteCount).contains($0) }),
        zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
      else { throw damaged }
      blockFiles.append(BlockFile(file: file, starts: offsets))
    }
  }
}
