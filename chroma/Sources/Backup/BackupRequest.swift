import ChromaModel
import Foundation
import NIOHTTP1
import TerminalProgress

/// Asks a running server for a backup.
struct BackupRequest: Sendable {
  var probe: HealthProbe
  /// Name and value of a header.
  var credentials: (name: String, value: String)?
  var keep: Int?

  private static let path = "/api/v2/admin/backups"
  /// A backup takes as long as it takes.
  private static let patience: Int64 = 24 * 3600

  /// - Returns: what the server says of the backup it made.
  func create(_ bar: ProgressBar) async throws -> JSONValue {
    let watch = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .milliseconds(300))
        if let running = try? await probe.send(
          .GET, Self.path, credentials: credentials, seconds: 5, maxBytes: 16 << 20
        )
        .body?["running"],
          case .int(let done)? = running["bytes_done"], case .int(let total)? = running["bytes_total"],
          // Whatever answers there: the bar multiplies.
          max(done, total) < 1 << 50
        {
          bar.show(name: "backup", done: Int(done), total: Int(total))
        }
      }
    }
    defer { watch.cancel() }
    let body: JSONValue = keep.map { ["keep": .int(Int64($0))] } ?? [:]
    let answer: (status: UInt, body: JSONValue?)
    do {
      answer = try await probe.send(.POST, Self.path, body, credentials: credentials, seconds: Self.patience)
    } catch {
      throw BackupFailure(error.reason, isUnreachable: error.saysNobodyListens)
    }
    if answer.status == 201, let made = answer.body { return made }
    throw BackupFailure(reason(answer))
  }

  private func reason(_ answer: (status: UInt, body: JSONValue?)) -> String {
    switch answer.status {
    case 401, 403:
      return credentials == nil
        ? "\(probe.base) asks for credentials: set CHROMA_AUTH_TOKEN (or --auth-token-file) to a token whose user may do "
          + "system:backup. The one that --auth auto made was shown at its first start and is kept only as a hash"
        : "\(probe.base) refuses the token: it is not one of the server's, or its user lacks the action system:backup"
    case 404, 405: return "\(probe.base) makes no backups: it is another server, or an older version of this one"
    default:
      guard case .string(let message)? = answer.body?["message"] else {
        return "\(probe.base) answered with status \(answer.status)"
      }
      return "\(probe.base) answered: \(message)"
    }
  }
}

/// What to show a server: the token of the variables and options that "chroma run" takes for its own, in the header that
/// it takes tokens from.
func backupCredentials(_ sources: SettingsSources) throws(SettingsError) -> (name: String, value: String)? {
  var token = try sources.text(.authToken)
  if token == nil, let path = try sources.text(.authTokenFile) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SettingsError(source: .environment, message: "cannot read the token file \(path)")
    }
    token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
  let isBearer = try sources.text(.tokenTransportHeader)?.lowercased() == "authorization"
  return token.map { isBearer ? ("authorization", "Bearer \($0)") : ("x-chroma-token", $0) }
}
