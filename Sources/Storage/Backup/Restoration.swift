package import ChromaModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes a data directory out of a backup.
///
/// A marker stands in the directory from before the first byte until after the last one is on stable storage. No server
/// opens a directory with the marker, and restoring into it starts over.
package struct Restoration: Sendable {
  package let manifest: BackupManifest
  private let backup: String
  private let target: String

  /// - Throws: `.damaged`, `.newerFormat` of the backup.
  package init(of backup: String, to target: String) throws(StorageError) {
    self.backup = backup
    self.target = target
    manifest = try BackupManifest(ofBackup: backup)
    for (found, supported) in [
      (manifest.directoryFormat, DataDirectory.format), (manifest.recordFormat, RecordStore.format),
    ] where found > supported {
      throw .newerFormat(path: backup, found: found, supported: supported)
    }
    for file in manifest.files where Self.place(of: file.path) == nil {
      throw .damaged(
        path: "\(backup)/\(BackupManifest.fileName)", reason: "it names \(file.path), which is no file of ours")
    }
    let listed = Set(manifest.files.map(\.path))
    let needed = manifest.collections.filter { $0.count > 0 }.map { BackupManifest.recordsPath($0.id) }
    for file in ["catalog.sqlite3"] + needed where !listed.contains(file) {
      throw .damaged(path: "\(backup)/\(BackupManifest.fileName)", reason: "it does not list \(file)")
    }
  }

  /// Where a file of a backup goes; `nil` for what may not be there.
  private static func place(of file: String) -> String? {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == "collections", let id = Identifier(parts[1].prefix { $0 != "." }),
      file == BackupManifest.recordsPath(id)
    {
      return "collections/\(id)/records.sqlite3"
    }
    // The system ends a name at NUL, so that what is copied would not be what was compared.
    guard file.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else { return nil }
    let reserved = [
      "", ".", "..", "collections", "lost+found", DataDirectory.lockName, DataDirectory.formatName,
      DataDirectory.markerName, DataDirectory.formatName + ".tmp", DataDirectory.markerName + ".tmp",
    ]
    return parts.count == 1 && !reserved.contains(file) ? file : nil
  }

  /// - Parameters:
  ///   - progress: gets the bytes that were written, piece by piece.
  ///   - whenHeld: gets, at most once, a sentence about who may have the directory, before waiting to find out.
  /// - Throws: `.notEmpty`, `.locked`, `.tooLittleSpace` before anything is changed; `.damaged` for a backup that is not
  ///   what was written; the directory is as empty afterwards as it was. `.leaseLost` when another process took it over.
  package func run(
    progress: (Int) -> Void = { _ in }, whenHeld: (String) -> Void = { _ in }
  ) throws(StorageError) {
    try run(isShared: nil, watch: LeaseWatch(), whenHeld, progress)
  }

  /// - Parameters:
  ///   - isShared: whether other machines may have the filesystem mounted; `nil` asks the system.
  ///   - watch: what was seen of the record already.
  func run(
    isShared: Bool?, watch: LeaseWatch, _ whenHeld: (String) -> Void = { _ in },
    _ progress: (Int) -> Void = { _ in }
  ) throws(StorageError) {
    guard !target.split(separator: "/").contains(where: { $0.hasSuffix(BackupName.suffix) }) else {
      throw .isBackup(path: target)
    }
    if let holder = DataDirectory.holder(of: target) { throw .locked(path: target, holder: holder, isCertain: true) }
    try checkEmpty()
    let isNew = !Files.exists(target)
    try Files.makeDirectory(target)
    // The same lease a server takes, so that neither comes upon the other.
    let lease = try take(isShared, watch, whenHeld)
    defer { lease.release() }
    do {
      try checkEmpty()
      // The half of an earlier restore takes space, too.
      try clear(keepingMarker: true)
      try Files.checkSpace(for: manifest.byteCount + manifest.byteCount / 50 + 1_000_000, at: target)
      try fill(progress) { () throws(StorageError) in
        guard lease.allowsCommit() else { throw .leaseLost(path: target) }
      }
    } catch {
      // What is there is another's.
      if case .notEmpty = error { throw error }
      if case .leaseLost = error { throw error }
      clear()
      if isNew {
        rmdir(target)
      }
      throw error
    }
  }

  /// Tries until it is known whether a record, where one is there, was left behind by a restore that was broken off.
  private func take(
    _ isShared: Bool?, _ watch: LeaseWatch, _ whenHeld: (String) -> Void
  ) throws(StorageError) -> Lease {
    var watch = watch
    var isFirst = true
    // A tenth of a second each: somewhat longer than it takes to find out, and to claim it.
    for _ in 0..<140 {
      do {
        return try Lease(path: "\(target)/\(DataDirectory.lockName)", isShared: isShared, watch: &watch)
      } catch {
        guard case .locked(_, _, isCertain: false) = error else { throw error }
        if isFirst { whenHeld(error.description) }
        isFirst = false
      }
      usleep(100_000)
    }
    return try Lease(path: "\(target)/\(DataDirectory.lockName)", isShared: isShared, watch: &watch)
  }

  /// Nothing but what every file system has, what a lock leaves, or what a restore left that was broken off.
  private func checkEmpty() throws(StorageError) {
    guard !Files.exists("\(target)/\(DataDirectory.markerName)"), Files.exists(target) else { return }
    let ignored = ["lost+found", DataDirectory.lockName, DataDirectory.markerName + ".tmp"]
    guard try Files.namesThere(target).allSatisfy(ignored.contains),
      // Whatever a filesystem lists: these are somebody's.
      ![DataDirectory.formatName, "catalog.sqlite3"].contains(where: { Files.exists("\(target)/\($0)") })
    else { throw .notEmpty(path: target) }
  }

  /// - Parameter check: throws when the directory is not ours any more; it also keeps it ours.
  private func fill(
    _ progress: (Int) -> Void, _ check: @escaping @Sendable () throws(StorageError) -> Void
  ) throws(StorageError) {
    let marker = "\(target)/\(DataDirectory.markerName)"
    try Files.replace(marker, with: Array("\(manifest.name) is being restored here.\n".utf8))
    try Files.makeDirectory("\(target)/collections")
    var places: [String] = []
    for file in manifest.files {
      guard let place = Self.place(of: file.path) else { continue }
      places.append(place)
      try copy(file, to: "\(target)/\(place)", progress, check)
    }
    let directories = Set(places.compactMap { Files.directory(of: "\(target)/\($0)") }).subtracting([target])
    try Files.sync(places.map { "\(target)/\($0)" } + directories, unless: check)
    try Files.syncDirectory("\(target)/collections")
    try check()
    try Files.replace(
      "\(target)/\(DataDirectory.formatName)", with: Array("\(manifest.directoryFormat)\n".utf8))
    try Files.remove(marker)
    try Files.syncDirectory(target)
  }

  private func copy(
    _ file: BackupManifest.File, to path: String, _ progress: (Int) -> Void, _ check: () throws(StorageError) -> Void
  ) throws(StorageError) {
    if let directory = Files.directory(of: path), directory != target, !Files.exists(directory) {
      guard mkdir(directory, 0o755) == 0 else { throw Files.failure("mkdir", directory) }
    }
    var hash = SHA256Hash()
    let source = "\(backup)/\(file.path)"
    let size = try Files.copy(source, to: path, mode: file.path.hasSuffix(".sqlite3") ? 0o644 : 0o600) {
      (piece) throws(StorageError) in
      try check()
      hash.update(piece)
      progress(piece.count)
    }
    guard size == file.size, hash.finish() == file.sha256 else {
      throw .damaged(path: source, reason: "its bytes are not those that were written (SHA-256)")
    }
  }

  /// Removes what a restore wrote. The marker goes last, so that nothing is left that looks like a data directory.
  private func clear(keepingMarker: Bool) throws(StorageError) {
    let kept = ["lost+found", DataDirectory.lockName, DataDirectory.markerName]
    for name in try Files.namesThere(target) where !kept.contains(name) { try Files.remove("\(target)/\(name)") }
    try Files.syncDirectory(target)
    if !keepingMarker {
      try Files.remove("\(target)/\(DataDirectory.markerName)")
      try Files.remove("\(target)/\(DataDirectory.lockName)")
      try Files.syncDirectory(target)
    }
  }

  private func clear() { try? clear(keepingMarker: false) }
}
