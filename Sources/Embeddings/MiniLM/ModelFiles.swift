import ChromaModel
import Foundation

/// Where the files of all-MiniLM-L6-v2 are, and whether they are those.
///
/// The directory is the one `CHROMA_MODEL_PATH` names, else `chroma/models/all-MiniLM-L6-v2` in the user's cache
/// directory (`XDG_CACHE_HOME`, or `~/.cache`), where `chroma embeddings fetch` puts it.
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

  /// Where the model is to be: the directory asked for, else the one in the cache.
  public static func preferredDirectory(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String { candidates(environment: environment)[0] }

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
    for file in File.all {
      let path = directory + "/" + file.name
      let found = try SHA256Hash.digest(ofFile: path)
      guard found == file.digest else { throw .wrongChecksum(path: path, expected: file.digest, found: found) }
    }
  }

  /// A published file.
  struct File: Hashable, Sendable {
    var name: String
    /// Bytes.
    var size: Int
    /// SHA-256 in hexadecimal.
    var digest: String

    static let weights = File(
      name: "model.safetensors", size: 90_868_376,
      digest: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
    static let vocabulary = File(
      name: "vocab.txt", size: 231_508, digest: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3")
    static let all = [weights, vocabulary]

    func isWhole(in directory: String) -> Bool { (try? SHA256Hash.digest(ofFile: directory + "/" + name)) == digest }
  }
}
