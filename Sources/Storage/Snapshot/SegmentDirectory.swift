internal import Dispatch
import Synchronization

/// The directory of a collection's saved state: writes files that are never changed, and the manifest that names them.
package struct SegmentDirectory: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  /// Writes one file and syncs it, or leaves none. It counts only once a manifest names it.
  ///
  /// - Parameter body: called with a function that appends bytes.
  package func write(
    _ name: String, _ body: ((UnsafeRawBufferPointer) throws(StorageError) -> Void) throws(StorageError) -> Void
  ) throws(StorageError) -> Manifest.File {
    try Files.makeDirectory(path)
    let file = try DurableFile(creating: "\(path)/\(name)")
    var checksum = SegmentChecksum()
    do throws(StorageError) {
      try body { (bytes) throws(StorageError) in
        checksum.add(bytes)
        try file.write(bytes)
      }
      try file.sync()
    } catch {
      // Half a file would go on filling a disk that is full.
      remove([name])
      throw error
    }
    return Manifest.File(name: name, byteCount: file.count, checksum: checksum.value)
  }

  /// Maps a file that a manifest names and checks all of it.
  ///
  /// - Throws: `.damaged` when it is not what was written.
  package func map(_ file: Manifest.File) throws(StorageError) -> MappedFile {
    let mapped = try MappedFile(path: "\(path)/\(file.name)")
    guard mapped.bytes.count == file.byteCount else {
      throw .damaged(path: mapped.path, reason: "\(mapped.bytes.count) bytes instead of \(file.byteCount)")
    }
    var checksum = SegmentChecksum()
    checksum.add(mapped.bytes)
    guard checksum.value == file.checksum else { throw .damaged(path: mapped.path, reason: "wrong checksum") }
    return mapped
  }

  /// Maps files that a manifest names and checks all of them, on all cores.
  ///
  /// - Returns: them by name.
  /// - Throws: `.damaged` when one is not what was written.
  /// - Complexity: O(bytes), 10 GB/s and more a core when the system has them in memory.
  package func map(_ files: [Manifest.File]) throws(StorageError) -> [String: MappedFile] {
    let state = Mutex((mapped: [String: MappedFile](), failure: StorageError?.none))
    // The longest first, so that no core ends long after the others.
    let files = files.sorted { $0.byteCount > $1.byteCount }
    DispatchQueue.concurrentPerform(iterations: files.count) { number in
      guard state.withLock({ $0.failure == nil }) else { return }
      do throws(StorageError) {
        let file = try map(files[number])
        state.withLock { $0.mapped[files[number].name] = file }
      } catch {
        state.withLock { $0.failure = error }
      }
    }
    return try state.withLock { (state) throws(StorageError) in
      if let failure = state.failure { throw failure }
      return state.mapped
    }
  }

  /// The manifest; `nil` when nothing was saved yet.
  ///
  /// - Throws: `.damaged`, and `.newerFormat` for one of a later version.
  package func manifest() throws(StorageError) -> Manifest? {
    let file = "\(path)/\(Manifest.fileName)"
    guard Files.exists(file) else { return nil }
    return try Manifest(encoded: try Files.read(file), path: file)
  }

  /// Makes `manifest` the one that counts. All its files must have been written before.
  package func publish(_ manifest: Manifest) throws(StorageError) {
    // The names of the new files must be durable before the manifest that relies on them.
    try Files.syncDirectory(path)
    try Files.replace("\(path)/\(Manifest.fileName)", with: manifest.encoded)
  }

  /// Removes files that were written and that no manifest names.
  package func remove(_ names: [String]) {
    for name in names { try? Files.remove("\(path)/\(name)") }
  }

  /// Removes files that `manifest` does not name: of older checkpoints, and of one that was broken off.
  ///
  /// - Parameter others: names that stay too: of files that the next manifest will name.
  package func removeFiles(notIn manifest: Manifest?, keeping others: [String] = []) {
    if manifest == nil, Files.exists("\(path)/\(Manifest.fileName)") {
      // First of all and durably, since a manifest that came back after a crash would hide newer records.
      try? Files.remove("\(path)/\(Manifest.fileName)")
      try? Files.syncDirectory(path)
    }
    let kept = (manifest?.fileNames ?? []).union(manifest == nil ? [] : [Manifest.fileName]).union(others)
    for name in Files.names(in: path) where !kept.contains(name) { try? Files.remove("\(path)/\(name)") }
  }
}

/// The checksum of a file's bytes, whatever pieces they come in.
struct SegmentChecksum {
  private static let pieceBytes = 1 << 20
  private var pending: [UInt8] = []
  private var running: UInt64 = 0

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    if !pending.isEmpty {
      let taken = min(rest.count, Self.pieceBytes - pending.count)
      pending.append(contentsOf: rest[..<taken])
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      guard pending.count == Self.pieceBytes else { return }
      fold(pending)
      pending.removeAll(keepingCapacity: true)
    }
    while rest.count >= Self.pieceBytes {
      running = Checksum.of(UnsafeRawBufferPointer(rebasing: rest[..<Self.pieceBytes]), seed: running)
      rest = UnsafeRawBufferPointer(rebasing: rest[Self.pieceBytes...])
    }
    pending.append(contentsOf: rest)
  }

  private mutating func fold(_ piece: [UInt8]) { running = piece.withUnsafeBytes { Checksum.of($0, seed: running) } }

  var value: UInt64 {
    var copy = self
    copy.fold(pending)
    return copy.running
  }
}
