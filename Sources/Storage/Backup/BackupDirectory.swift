package import ChromaModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory that backups are kept in. What else is in it is left alone.
package struct BackupDirectory: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  /// The backups whose manifests can be read, oldest first, each with its path.
  package func backups() -> [(manifest: BackupManifest, path: String)] {
    names().compactMap { name in manifest(of: name).map { ($0, "\(path)/\(name)") } }
      .sorted { ($0.manifest.created, $0.manifest.name) < ($1.manifest.created, $1.manifest.name) }
  }

  /// Names of directories that should be backups.
  package func names() -> [String] { Files.names(in: path).filter(BackupName.isName) }

  /// `nil` where there is none that can be read.
  package func manifest(of name: String) -> BackupManifest? {
    guard let manifest = try? BackupManifest(ofBackup: "\(path)/\(name)"), manifest.name == name else { return nil }
    return manifest
  }

  /// Removes the oldest backups beyond the newest `count`, never `spared`.
  ///
  /// - Returns: the names of those removed.
  @discardableResult
  package func removeOldest(keeping count: Int, sparing spared: String) throws(StorageError) -> [String] {
    let others = backups().map(\.manifest.name).filter { $0 != spared }
    let removed = Array(others.dropLast(max(0, count - 1)))
    for name in removed {
      // Under its own name half a backup would look like a whole one.
      let (whole, partial) = ("\(path)/\(name)", "\(path)/\(name)\(BackupName.partialSuffix)")
      guard rename(whole, partial) == 0 else { throw Files.failure("rename", whole) }
      try Files.syncDirectory(path)
      try Files.remove(partial)
    }
    if !removed.isEmpty { try Files.syncDirectory(path) }
    return removed
  }

  /// Removes what backups left that were broken off by the end of their process. Those being written are locked.
  func removeLeftovers() throws(StorageError) {
    for name in Files.names(in: path) where BackupName.isPartialName(name) {
      let leftover = "\(path)/\(name)"
      guard let descriptor = try Self.lock(leftover) else { continue }
      defer { close(descriptor) }
      try Files.remove(leftover)
    }
  }

  /// Locks a directory; `nil` when another process has it, or when it is gone.
  static func lock(_ path: String) throws(StorageError) -> Int32? {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Files.failure("open", path)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let failure = Files.failure("flock", path)
      close(descriptor)
      if isHeld { return nil }
      throw failure
    }
    return descriptor
  }
}

extension BackupManifest {
  /// Reads the manifest of the backup in a directory.
  ///
  /// - Throws: `.damaged`, also when there is none, `.newerFormat`, `.system`.
  package init(ofBackup directory: String) throws(StorageError) {
    let path = "\(directory)/\(Self.fileName)"
    guard Files.exists(path) else {
      throw .damaged(path: directory, reason: "there is no \(Self.fileName) in it, so it is no backup")
    }
    let bytes = try Files.read(path)
    do {
      try self.init(encoded: bytes)
    } catch {
      if let found = error.newerFormat {
        throw .newerFormat(path: directory, found: found, supported: Self.currentFormat)
      }
      throw .damaged(path: path, reason: error.reason)
    }
  }
}
