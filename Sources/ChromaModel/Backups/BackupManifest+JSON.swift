/// Why a manifest cannot be used.
package struct BackupManifestError: Error, Hashable, Sendable {
  package var reason: String
  /// The format of a manifest that a later version wrote.
  package var newerFormat: Int?

  package init(reason: String, newerFormat: Int? = nil) {
    self.reason = reason
    self.newerFormat = newerFormat
  }
}

extension BackupManifest {
  /// The file's bytes. The layout is fixed, so that a single byte that differs is noticed.
  package var encoded: [UInt8] {
    var members = self.members
    members["checksum"] = .string(Self.checksum(of: members))
    return Array(Self.layout(members).utf8)
  }

  /// - Throws: for bytes that are not exactly what was written, and for a format of a later version.
  package init(encoded bytes: [UInt8]) throws(BackupManifestError) {
    guard case .object(var members)? = try? JSONValue(parsing: bytes) else {
      throw BackupManifestError(reason: "it is no JSON object")
    }
    guard Array(Self.layout(members).utf8) == bytes else { throw BackupManifestError(reason: "it was changed") }
    guard case .string(let checksum)? = members.removeValue(forKey: "checksum"),
      checksum == Self.checksum(of: members)
    else { throw BackupManifestError(reason: "its checksum is wrong") }
    guard case .int(let format)? = members["format"] else { throw BackupManifestError(reason: "it has no format") }
    guard format <= Self.currentFormat else {
      throw BackupManifestError(
        reason: "it is of format \(format); this version reads up to format \(Self.currentFormat)",
        newerFormat: Int(format))
    }
    try self.init(members)
  }

  private var members: [String: JSONValue] {
    [
      "format": .int(Int64(format)), "name": .string(name), "created": .string(created),
      "server_version": .string(serverVersion), "schema_version": .int(Int64(directoryFormat)),
      "record_version": .int(Int64(recordFormat)), "consistency": "a moment for each collection",
      "duration_ms": .int(Int64(durationMilliseconds)),
      "collections": .array(collections.map(\.json)), "files": .array(files.map(\.json)),
    ]
  }

  private init(_ members: [String: JSONValue]) throws(BackupManifestError) {
    self.init()
    let reader = MemberReader(members)
    format = try reader.int("format")
    name = try reader.string("name")
    created = try reader.string("created")
    serverVersion = try reader.string("server_version")
    directoryFormat = try reader.int("schema_version")
    recordFormat = try reader.int("record_version")
    durationMilliseconds = try reader.int("duration_ms")
    for element in try reader.objects("collections") { collections.append(try Collection(element)) }
    for element in try reader.objects("files") { files.append(try File(element)) }
    // Each number is small by now, but there may be many: what adds them up later must not trap.
    for (name, numbers) in [("size", files.map(\.size)), ("count", collections.map(\.count))] {
      var sum = 0
      for number in numbers {
        sum += number
        guard sum <= Self.maxNumber else { throw BackupManifestError(reason: "\(name) adds up to more than 2^50") }
      }
    }
  }

  /// A petabyte, or as many records: far more than there is, and far from where adding and multiplying traps.
  fileprivate static let maxNumber = 1 << 50

  private static func checksum(of members: [String: JSONValue]) -> String {
    SHA256Hash.digest(of: Array(layout(members).utf8))
  }

  /// One line for each member, and for each element of an array: for people, who look at manifests with `less`.
  private static func layout(_ members: [String: JSONValue]) -> String {
    let lines = members.sorted { $0.key < $1.key }.map { name, value in
      var text = value.text
      if case .array(let elements) = value, !elements.isEmpty {
        text = "[\n" + elements.map { "    " + $0.text }.joined(separator: ",\n") + "\n  ]"
      }
      return "  " + JSONValue.string(name).text + ": " + text
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }
}

extension BackupManifest.File {
  fileprivate var json: JSONValue { ["path": .string(path), "size": .int(Int64(size)), "sha256": .string(sha256)] }

  fileprivate init(_ reader: MemberReader) throws(BackupManifestError) {
    self.init(path: try reader.string("path"), size: try reader.int("size"), sha256: try reader.string("sha256"))
  }
}

extension BackupManifest.Collection {
  fileprivate var json: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "database": .string(path.database),
      "tenant": .string(path.tenant), "dimension": dimension.map { .int(Int64($0)) } ?? .null,
      "space": .string(space), "count": .int(Int64(count)), "max_version": .int(Int64(maxVersion)),
    ]
  }

  fileprivate init(_ reader: MemberReader) throws(BackupManifestError) {
    guard let id = Identifier(try reader.string("id")) else { throw BackupManifestError(reason: "an id is no UUID") }
    self.init(
      id: id, name: try reader.string("name"),
      path: DatabasePath(tenant: try reader.string("tenant"), database: try reader.string("database")),
      dimension: reader.isNull("dimension") ? nil : try reader.int("dimension"), space: try reader.string("space"),
      count: try reader.int("count"), maxVersion: try reader.int("max_version"))
  }
}

/// Reads members of one JSON object, each with the complaint that names it.
private struct MemberReader {
  let members: [String: JSONValue]

  init(_ members: [String: JSONValue]) { self.members = members }

  func isNull(_ name: String) -> Bool { members[name]?.isNull ?? true }

  func int(_ name: String) throws(BackupManifestError) -> Int {
    guard case .int(let value)? = members[name], value >= 0 else {
      throw BackupManifestError(reason: "\(name) is no whole number")
    }
    guard value <= BackupManifest.maxNumber else {
      throw BackupManifestError(reason: "\(name) is \(value), and may be 2^50 at most")
    }
    return Int(value)
  }

  func string(_ name: String) throws(BackupManifestError) -> String {
    guard case .string(let value)? = members[name] else { throw BackupManifestError(reason: "\(name) is no string") }
    return value
  }

  func objects(_ name: String) throws(BackupManifestError) -> [MemberReader] {
    guard case .array(let elements)? = members[name] else { throw BackupManifestError(reason: "\(name) is no array") }
    var readers: [MemberReader] = []
    for element in elements {
      guard case .object(let members) = element else { throw BackupManifestError(reason: "\(name) holds no objects") }
      readers.append(MemberReader(members))
    }
    return readers
  }
}
