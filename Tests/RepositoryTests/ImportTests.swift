import Foundation
import Testing

/// The table of ARCHITECTURE.md, section 2, held against every import line.
@Suite("Who may import whom")
struct ImportTests {
  static let system: Set<String> = [
    "Foundation", "FoundationEssentials", "Glibc", "Darwin", "Musl", "Synchronization", "Dispatch",
  ]

  static let allowed: [String: Set<String>] = [
    "ChromaModel": [],
    "TerminalProgress": [],
    "ChromaAccess": ["ChromaModel", "CCrypt", "Crypto", "JWTKit"],
    "VectorIndex": ["CVectorKernels", "CMemory"],
    "Storage": ["ChromaModel", "CSQLite"],
    "ChromaEngine": ["ChromaModel", "VectorIndex", "Storage", "CMemory", "Logging", "Metrics", "Tracing"],
    "Embeddings": ["ChromaModel", "CVectorKernels", "AsyncHTTPClient", "NIOCore", "NIOHTTP1"],
    "ChromaClient": [
      "ChromaModel", "ChromaEngine", "Embeddings", "AsyncHTTPClient", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL",
      "NIOHTTPCompression", "Logging",
    ],
    "ChromaServer": [
      "ChromaModel", "ChromaAccess", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOSSL", "NIOHTTPTypes",
      "Logging",
    ],
  ]
  static let allowedInCommand: Set<String> = [
    "ChromaModel", "ChromaAccess", "ChromaEngine", "ChromaServer", "Embeddings", "TerminalProgress", "CMemory",
    "AsyncHTTPClient", "ArgumentParser", "Yams", "Logging", "Hummingbird", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL",
    "ServiceLifecycle",
    "UnixSignals",
  ]

  /// Of our own modules only the public ones: the sample shows that they are enough.
  static let allowedInSample: Set<String> = [
    "ChromaClient", "Embeddings", "Documents", "TerminalProgress", "Crypto", "AsyncHTTPClient", "ArgumentParser",
    "Logging", "Hummingbird", "HTTPTypes", "NIOCore", "NIOHTTP1", "ServiceLifecycle", "UnixSignals",
  ]
  static let allowedInDocuments: Set<String> = ["Embeddings"]

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test("A module of Sources imports only what its row of the table allows")
  func modulesKeepToTheTable() throws {
    let modules = try FileManager.default.contentsOfDirectory(atPath: Self.root.path + "/Sources")
    for module in modules where !module.hasPrefix("C") || module.hasPrefix("Chroma") {
      let row = try #require(Self.allowed[module], "\(module) has no row in the table")
      try check(folder: "Sources/\(module)", against: row)
    }
  }

  @Test("The command imports only what its row of the table allows")
  func commandKeepsToTheTable() throws { try check(folder: "chroma/Sources", against: Self.allowedInCommand) }

  @Test("The sample app imports only what its rows of the table allow")
  func sampleKeepsToTheTable() throws {
    try check(folder: "myapp/Sources/MyApp", against: Self.allowedInSample)
    try check(folder: "myapp/Sources/Documents", against: Self.allowedInDocuments)
  }

  private func check(folder: String, against row: Set<String>) throws {
    let files = try #require(FileManager.default.enumerator(atPath: Self.root.path + "/" + folder))
    var seen = 0
    for case let name as String in files where name.hasSuffix(".swift") {
      seen += 1
      let text = try String(contentsOfFile: "\(Self.root.path)/\(folder)/\(name)", encoding: .utf8)
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
        guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1 else { continue }
        let module = words[place + 1 == words.count - 2 && words[place + 1] == "struct" ? place + 2 : place + 1]
        let imported = String(module.split(separator: ".")[0])
        #expect(
          row.contains(imported) || Self.system.contains(imported), "\(folder)/\(name): \(line) is not in the table")
      }
    }
    #expect(seen > 0, "no source in \(folder)")
  }
}
