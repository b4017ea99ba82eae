import ChromaAccess
import ChromaModel
import Hummingbird

extension Route {
  static let backups: [Route] = [createBackup, listBackups]

  static let createBackup = Route(
    .post, "/api/v2/admin/backups", .action(.backup), "Makes a backup; answers when it is on stable storage"
  ) { call in
    let backups = try call.backups()
    // A page in a browser can send anything else without asking first, and a backup takes as much of the disk as there is
    // data.
    guard call.request.headers[.contentType] != nil else {
      throw ChromaError(.unsupportedMediaType, "Expected request with `Content-Type: application/json`")
    }
    let request = try await call.decode { (reader) throws(ChromaError) in try BackupRequest(from: &reader) }
    let summary = try await backups.createBackup(keeping: request.keep)
    call.named?.note(summary.name)
    return Response(summary.json, status: .created)
  }

  static let listBackups = Route(
    .get, "/api/v2/admin/backups", .action(.backup),
    "The backups, oldest first, and how far the one is that is being made"
  ) { call in
    let backups = try call.backups()
    return Response([
      "backups": .array(try await backups.backups().map(\.json)),
      "running": await backups.backupProgress()?.json ?? .null,
    ])
  }
}

extension Call {
  fileprivate func backups() throws(ChromaError) -> any BackupAPI {
    guard let backups = configuration.backups else {
      throw ChromaError(
        .failedPrecondition,
        "Backups are off: start the server with --backup-dir DIRECTORY (CHROMA_BACKUP_DIR, or backup_directory in its file)"
      )
    }
    return backups
  }
}

/// `{"keep": 7}`, or `{}`.
private struct BackupRequest: Sendable {
  var keep: Int?

  init(from reader: inout BodyReader) throws(ChromaError) {
    var keep: Int?
    try reader.object("CreateBackupPayload", fields: ["keep"], required: []) { (reader, _) throws(ChromaError) in
      keep = try reader.takeNull() ? nil : try reader.count("keep")
    }
    self.keep = keep
  }
}
