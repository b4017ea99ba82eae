import ChromaModel
import ChromaTestSupport
import Foundation
import Synchronization
import Testing

@testable import ChromaEngine

#if canImport(Glibc)
  import Glibc

  @Suite("Backups onto a full disk", .enabled(if: SmallDisk.isPossible, "needs root, to mount a small tmpfs"))
  struct FullDiskTests {
    private let path = DatabasePath()

    private func fill(_ rig: BackupRig) async throws -> Identifier {
      let id = try await rig.collection("big")
      for start in stride(from: 0, to: 20_000, by: 2_000) {
        try await rig.engine.add(BackupRig.batch(start..<(start + 2_000), padding: 2_000), to: id, in: path)
      }
      return id
    }

    @Test("Too small a disk is refused before anything is written")
    func tooSmall() async throws {
      let rig = try await BackupRig()
      _ = try await fill(rig)
      let disk = try SmallDisk(megabytes: 32)
      let backups = EngineBackups(of: rig.engine, in: disk.path + "/backups", version: "test")
      let error = await #expect(throws: ChromaError.self) { _ = try await backups.createBackup(keeping: nil) }
      #expect(error?.code == .insufficientStorage)
      #expect(error?.message.contains("MB are needed") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path + "/backups") == [])
      await rig.engine.close()
    }

    @Test("A disk that fills up meanwhile ends the backup, gives its space back, and keeps nobody from writing")
    func fillsUp() async throws {
      let rig = try await BackupRig()
      let id = try await fill(rig)
      let disk = try SmallDisk(megabytes: 96)
      let backups = EngineBackups(of: rig.engine, in: disk.path + "/backups", version: "test")
      let task = Task { try await backups.createBackup(keeping: nil) }
      while (await backups.backupProgress()?.bytesDone ?? 0) == 0 { await Task.yield() }
      let filler = disk.path + "/filler"
      try disk.fill(filler)
      let result = await task.result
      #expect(throws: ChromaError.self) { _ = try result.get() }
      if case .failure(let error) = result {
        #expect((error as? ChromaError)?.code == .insufficientStorage)
        #expect((error as? ChromaError)?.message.contains("free again") == true, "\(error)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path + "/backups") == [])
      try await rig.engine.add(BackupRig.batch(50_000..<50_010), to: id, in: path)
      #expect(try await rig.engine.count(id, in: path) == 20_010)
      try FileManager.default.removeItem(atPath: filler)
      #expect(try await backups.createBackup(keeping: nil).records == 20_010)
      await rig.engine.close()
    }
  }

  /// A tmpfs of its own, gone with the value.
  private final class SmallDisk: Sendable {
    private let directory: TemporaryDirectory

    var path: String { directory.path }

    /// Whether this process may mount: tried, since a container's root may not.
    static let isPossible = (try? SmallDisk(megabytes: 1)) != nil

    struct NotMounted: Error {}

    init(megabytes: Int) throws {
      directory = try TemporaryDirectory()
      guard geteuid() == 0, mount("tmpfs", directory.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
        throw NotMounted()
      }
    }

    deinit { umount2(directory.path, Int32(MNT_DETACH)) }

    /// Takes all the space there is.
    func fill(_ path: String) throws {
      let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
      defer { close(descriptor) }
      var size = 1 << 20
      var end = 0
      while size >= 4096 {
        if posix_fallocate(descriptor, off_t(end), off_t(size)) == 0 { end += size } else { size /= 2 }
      }
    }
  }
#endif
