import Foundation

/// Where the files of all-MiniLM-L6-v2 are, and whether they are those.
///
/// The directory is the one `CHROMA_MODEL_PATH` names, else `chroma/models/all-MiniLM-L6-v2` in the user's cache
/// directory (`XDG_CACHE_HOME`, or `~/.cache`), where `scripts/embedding-model` puts it.
public struct ModelFiles: Hashable, Sendable {
  public let directory: String

  public init(directory: String) { self.directory = directory }

  public var weights: String { directory + "/model.safetensors" }
  public var vocabulary: String { directory + "/vocab.txt" }

  /// - Throws: `.modelNotFound` naming every directory that was looked at.
  public static func locate(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(EmbeddingError) -> ModelFiles {
    let candidates = candidates(environment: environment).map(ModelFiles.init)
    guard let found = candidates.first(where: \.exist) else {
      throw .modelNotFound(searched: candidates.map(\.directory))
    }
    return found
  }

  static func candidates(environment: [String: String]) -> [String] {
    // A path that was asked for is the only one: another model in its place would be a surprise.
    if let path = environment["CHROMA_MODEL_PATH"], !path.isEmpty { return [path] }
    let name = "chroma/models/all-MiniLM-L6-v2"
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return [cache + "/" + name] }
    return [(environment["HOME"] ?? "") + "/.cache/" + name]
  }

  private var exist: Bool {
    FileManager.default.isReadableFile(atPath: weights) && FileManager.default.isReadableFile(atPath: vocabulary)
  }

  /// Reads both files and compares their SHA-256 with those of the published model. Takes about half a second.
  ///
  /// - Throws: `.wrongChecksum` or `.unreadable`.
  public func verify() throws(EmbeddingError) {
    for (path, expected) in [(weights, Self.weightsDigest), (vocabulary, Self.vocabularyDigest)] {
      let found = try SHA256.digest(ofFile: path)
      guard found == expected else { throw .wrongChecksum(path: path, expected: expected, found: found) }
    }
  }

  static let weightsDigest = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
  static let vocabularyDigest = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
}
