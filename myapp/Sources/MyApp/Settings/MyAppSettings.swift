import Foundation

/// What the service is told by its environment. Chroma's own variables are read by `ChromaClient`, the model's by
/// `Embeddings`.
struct MyAppSettings: Sendable {
  /// Where to listen.
  var host = "127.0.0.1"
  var port = 8080
  /// The directory with `web/` and `corpus/`.
  var home = "myapp"
  var collection = "myapp_passages"
  /// Whether a new collection is filled with the sample corpus.
  var seeds = true
  /// What writes must show; `nil` when none is set.
  var adminToken: String?
  /// On a platform that publishes the service, writes without a token set are refused.
  var isOnPlatform = false
  /// Whether URLs may lead to this machine and its network.
  var allowsPrivateURLs = false
  var chat: ChatSettings?
  var remoteEmbedding: RemoteEmbeddingSettings?
  var limits = IngestLimits()

  /// - Parameter workingDirectory: where relative paths begin.
  /// - Throws: ``SettingsError`` naming the variable.
  init(environment: [String: String], workingDirectory: String) throws(SettingsError) {
    let read = Variables(environment)
    isOnPlatform = read["PLATFORM_APPLICATION"] != nil
    if let host = read["MYAPP_HOST"] { self.host = host } else if isOnPlatform { host = "0.0.0.0" }
    let (own, given) = (try read.number("MYAPP_PORT", in: 0...65535), try read.number("PORT", in: 0...65535))
    port = own ?? given ?? port
    home = read["MYAPP_HOME"] ?? Self.home(read["PLATFORM_APP_DIR"], workingDirectory)
    collection = read["MYAPP_COLLECTION"] ?? collection
    seeds = try read.flag("MYAPP_SEED") ?? seeds
    adminToken = read["MYAPP_ADMIN_TOKEN"]
    allowsPrivateURLs = try read.flag("MYAPP_ALLOW_PRIVATE_URLS") ?? allowsPrivateURLs
    chat = try ChatSettings(read)
    remoteEmbedding = try RemoteEmbeddingSettings(read)
    limits.fileBytes = try read.number("MYAPP_MAX_FILE_MB", in: 1...200).map { $0 << 20 } ?? limits.fileBytes
  }

  /// The first of the likely directories that is there.
  private static func home(_ applicationDirectory: String?, _ workingDirectory: String) -> String {
    let candidates = [workingDirectory, applicationDirectory].compactMap { $0.map { $0 + "/myapp" } }
    return candidates.first { FileManager.default.fileExists(atPath: $0 + "/web/index.html") } ?? candidates[0]
  }
}

/// A chat model that speaks OpenAI's protocol.
struct ChatSettings: Sendable, Hashable {
  static let publicBase = "https://api.openai.com/v1"

  var base: String
  var key: String?
  var model: String
  /// Most seconds between two pieces of an answer.
  var patience: Int

  /// `nil` when neither `OPENAI_BASE_URL` nor `OPENAI_API_KEY` is set.
  init?(_ read: Variables) throws(SettingsError) {
    let base = try read.webAddress("OPENAI_BASE_URL")
    key = read["OPENAI_API_KEY"]
    guard base != nil || key != nil else { return nil }
    self.base = base ?? Self.publicBase
    model = read["OPENAI_MODEL"] ?? "gpt-4o-mini"
    patience = try read.number("MYAPP_CHAT_TIMEOUT", in: 1...600) ?? 30
  }
}

/// An embedding model elsewhere, in place of the one in this process.
struct RemoteEmbeddingSettings: Sendable, Hashable {
  var base: String
  var key: String?
  var model: String

  /// `nil` unless `MYAPP_EMBEDDING_MODEL` is set.
  init?(_ read: Variables) throws(SettingsError) {
    guard let model = read["MYAPP_EMBEDDING_MODEL"] else { return nil }
    self.model = model
    let (own, shared) = (try read.webAddress("MYAPP_EMBEDDING_URL"), try read.webAddress("OPENAI_BASE_URL"))
    base = own ?? shared ?? ChatSettings.publicBase
    key = read["OPENAI_API_KEY"]
  }
}

/// How much one upload may hold.
struct IngestLimits: Sendable, Hashable {
  var fileBytes = 20 << 20
  /// Files, or URLs, in one go.
  var count = 200
  /// Uploads that may be worked on at once; the others wait for their turn.
  var concurrent = 2
  /// Uploads that may wait.
  var waiting = 16
}
