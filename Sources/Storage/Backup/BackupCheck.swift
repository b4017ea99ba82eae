package import ChromaModel

/// Whether a backup is what was written: every byte by its digest, every database by SQLite's own check, every count.
package struct BackupCheck: Sendable {
  package let path: String
  package let manifest: BackupManifest

  /// - Throws: `.damaged` and `.newerFormat` of the manifest.
  package init(path: String) throws(StorageError) {
    self.path = path
    manifest = try BackupManifest(ofBackup: path)
  }

  /// What is wrong, in sentences; empty when nothing is. Writes nothing.
  ///
  /// - Parameter progress: gets the bytes that were read, piece by piece.
  package func problems(progress: (Int) -> Void = { _ in }) -> [String] {
    var problems = unexpectedFiles()
    for file in manifest.files {
      do {
        try check(file, progress)
      } catch {
        problems.append(Self.sentence(error))
      }
    }
    // What is not what was written need not be asked what is in it.
    guard problems.isEmpty else { return problems }
    do {
      problems += try compareCatalog()
    } catch {
      problems.append(Self.sentence(error))
    }
    let listed = Set(manifest.files.map(\.path))
    for collection in manifest.collections {
      do {
        if let problem = try compare(collection, listed) { problems.append(problem) }
      } catch {
        problems.append(Self.sentence(error))
      }
    }
    return problems
  }

  private static func sentence(_ error: StorageError) -> String {
    if case .damaged(let path, let reason) = error { return "\(path): \(reason)" }
    return error.description
  }

  private func unexpectedFiles() -> [String] {
    let expected = Set(manifest.files.map(\.path) + [BackupManifest.fileName])
    let found =
      Files.names(in: path).filter { $0 != "collections" }
      + Files.names(in: path + "/collections").map { "collections/\($0)" }
    return found.filter { !expected.contains($0) }.sorted().map { "\(path)/\($0): it is not in the manifest" }
  }

  private func check(_ file: BackupManifest.File, _ progress: (Int) -> Void) throws(StorageError) {
    let path = "\(path)/\(file.path)"
    guard let size = Files.size(of: path) else { throw .damaged(path: path, reason: "it is missing") }
    guard size == file.size else {
      throw .damaged(path: path, reason: "it has \(size) bytes, and the manifest says \(file.size)")
    }
    guard try Files.digest(of: path, progress) == file.sha256 else {
      throw .damaged(path: path, reason: "its bytes are not those that were written (SHA-256)")
    }
  }

  private func compareCatalog() throws(StorageError) -> [String] {
    let path = path + "/catalog.sqlite3"
    let catalog = try SQLiteDatabase(reading: path)
    var problems = try catalog.integrityProblems().map { "\(path): \($0)" }
    let statement = try catalog.statement("SELECT id FROM collections")
    defer { statement.reset() }
    var known: Set<Identifier> = []
    while try statement.step() { statement.text(0).flatMap { Identifier($0) }.map { _ = known.insert($0) } }
    let listed = Set(manifest.collections.map(\.id))
    if known != listed {
      problems.append("\(path): it holds \(known.count) collections, and the manifest lists \(listed.count)")
    }
    return problems
  }

  /// - Parameter listed: the files of the manifest.
  private func compare(
    _ collection: BackupManifest.Collection, _ listed: Set<String>
  ) throws(StorageError) -> String? {
    let file = BackupManifest.recordsPath(collection.id)
    guard listed.contains(file) else {
      return collection.count == 0 ? nil : "\(path)/\(file): the manifest does not list it"
    }
    let database = try SQLiteDatabase(reading: "\(path)/\(file)")
    if let problem = try database.integrityProblems().first { return "\(path)/\(file): \(problem)" }
    let found = try CopiedRecords(database)
    guard found.count == collection.count, found.maxVersion == collection.maxVersion else {
      return
        "\(path)/\(file): it holds \(found.count) records up to version \(found.maxVersion), and the manifest says "
        + "\(collection.count) up to \(collection.maxVersion)"
    }
    return nil
  }
}

extension Files {
  /// The SHA-256 of a file, in lower-case hexadecimal.
  package static func digest(of path: String, _ progress: (Int) throws(StorageError) -> Void) throws(StorageError)
    -> String
  {
    var hash = SHA256Hash()
    try readPieces(of: path) { (piece) throws(StorageError) in
      hash.update(piece)
      try progress(piece.count)
    }
    return hash.finish()
  }
}
