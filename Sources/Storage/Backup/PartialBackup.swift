package import ChromaModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A backup that is being written: under a name that says so, until ``publish(_:)`` gives it its own.
///
/// Its directory is locked for as long as this process lives, so that no other takes it for a leftover.
package final class PartialBackup: Sendable {
  package let name: BackupName
  /// Where its files are until it is published.
  package let path: String
  private let directory: String
  private let descriptor: Int32

  /// Makes the directory of a new backup, after removing what earlier ones left that were broken off.
  ///
  /// - Parameter bytes: how much is about to be copied.
  /// - Throws: `.tooLittleSpace` before anything is written, `.system`, `.diskFull`.
  package init(in directory: String, copying bytes: Int) throws(StorageError) {
    try Files.makeDirectory(directory, mode: 0o700)
    try BackupDirectory(path: directory).removeLeftovers()
    // A twentieth more, since the databases may grow meanwhile; a megabyte for the manifest and the directories.
    try Files.checkSpace(for: bytes + bytes / 20 + 1_000_000, at: directory)
    name = BackupName.now()
    self.directory = directory
    path = "\(directory)/\(name.text)\(BackupName.partialSuffix)"
    guard mkdir(path, 0o700) == 0 else { throw Files.failure("mkdir", path) }
    guard let descriptor = try BackupDirectory.lock(path) else { throw Files.failure("flock", path) }
    self.descriptor = descriptor
    do {
      try Files.makeDirectory(path + "/collections", mode: 0o700)
    } catch {
      discard()
      throw error
    }
  }

  deinit { close(descriptor) }

  package func path(of file: String) -> String { "\(path)/\(file)" }

  /// Makes files durable, with their names.
  ///
  /// - Parameter check: asked before each, on any thread; what it throws ends the work.
  package func sync(
    _ files: [BackupManifest.File], unless check: @escaping @Sendable () throws(StorageError) -> Void = {}
  ) throws(StorageError) {
    try Files.sync(files.map { path(of: $0.path) } + [path + "/collections"], unless: check)
  }

  /// Writes the manifest and gives the backup its name. Every file must have been synced before.
  ///
  /// - Returns: the path of the backup.
  package func publish(_ manifest: BackupManifest) throws(StorageError) -> String {
    let file = try DurableFile(creating: path(of: BackupManifest.fileName), mode: 0o600)
    try file.write(manifest.encoded)
    try file.sync()
    try Files.syncDirectory(path)
    let published = "\(directory)/\(name.text)"
    guard rename(path, published) == 0 else { throw Files.failure("rename", path) }
    try Files.syncDirectory(directory)
    return published
  }

  /// Removes what was written.
  package func discard() {
    try? Files.remove(path)
    try? Files.syncDirectory(directory)
  }
}

extension Files {
  /// - Throws: `.tooLittleSpace` when fewer than `bytes` may be written at `path`.
  static func checkSpace(for bytes: Int, at path: String) throws(StorageError) {
    if let free = freeBytes(at: path), free < bytes {
      throw .tooLittleSpace(path: path, needed: bytes, free: free)
    }
  }

  /// Copies a file into a new one, unsynced.
  ///
  /// - Parameter body: gets each piece.
  /// - Returns: its bytes.
  @discardableResult
  package static func copy(
    _ source: String, to target: String, mode: mode_t = 0o600,
    _ body: (UnsafeRawBufferPointer) throws(StorageError) -> Void = { _ in }
  ) throws(StorageError) -> Int {
    let file = try DurableFile(creating: target, mode: mode)
    try readPieces(of: source) { (piece) throws(StorageError) in
      try file.write(piece)
      try body(piece)
    }
    return file.count
  }
}
