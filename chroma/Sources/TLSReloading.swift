import ChromaServer
import Foundation
import Logging

extension TLSFiles {
  /// - Throws: when a file cannot be read or the three do not go together.
  func load() throws(SettingsError) -> TLSMaterial {
    TLSMaterial(
      certificateChain: try Self.read(certificate), privateKey: try Self.read(privateKey),
      clientCA: try clientCA.map { path throws(SettingsError) in try Self.read(path) })
  }

  private static func read(_ path: String) throws(SettingsError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SettingsError(source: .environment, message: "cannot read \(path), which TLS needs")
    }
    return Array(data)
  }
}

/// Looks at the files of TLS every few seconds; new connections get what is new in them.
///
/// A certificate and its key are replaced one after the other: what does not go together is left alone and looked at
/// again.
func reloadTLS(
  _ files: TLSFiles, from material: TLSMaterial?, into contexts: TLSContexts, every interval: Duration, logger: Logger
) async {
  var loaded = material
  var complaint: String?
  while !Task.isCancelled {
    try? await Task.sleep(for: interval)
    do {
      let material = try files.load()
      guard material != loaded else { continue }
      do throws(TLSError) {
        try contexts.replace(with: material)
      } catch {
        throw SettingsError(source: .environment, message: error.reason)
      }
      loaded = material
      complaint = nil
      logger.info("New certificate", metadata: ["path": "\(files.certificate)"])
    } catch {
      let reason = (error as? SettingsError)?.message ?? "\(error)"
      if reason != complaint { logger.warning("The old certificate stays", metadata: ["reason": "\(reason)"]) }
      complaint = reason
    }
  }
}
