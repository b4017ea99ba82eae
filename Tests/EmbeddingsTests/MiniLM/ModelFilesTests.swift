import ChromaTestSupport
import Foundation
import Testing

@testable import Embeddings

@Suite("The model's files")
struct ModelFilesTests {
  @Test("SHA-256 gives the digests of the standard's examples, and of every length around a block")
  func digests() {
    #expect(
      SHA256.digest(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(SHA256.digest(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(SHA256.digest(of: Array(two.utf8)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256.digest(of: million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("The directory is the one named, else the one in the cache")
  func location() {
    #expect(ModelFiles.candidates(environment: ["CHROMA_MODEL_PATH": "/m", "HOME": "/h"]) == ["/m"])
    let name = "chroma/models/all-MiniLM-L6-v2"
    #expect(ModelFiles.candidates(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == ["/c/" + name])
    // The specification of the variable says that a relative path does not count.
    #expect(ModelFiles.candidates(environment: ["XDG_CACHE_HOME": "c", "HOME": "/h"]) == ["/h/.cache/" + name])
  }

  @Test("A directory without the files, or with others, is refused by name")
  func refusals() throws {
    let temporary = try TemporaryDirectory()
    let environment = ["CHROMA_MODEL_PATH": temporary.path]
    #expect(throws: EmbeddingError.modelNotFound(searched: [temporary.path])) {
      try ModelFiles.locate(environment: environment)
    }
    let files = ModelFiles(directory: temporary.path)
    try Data("abc".utf8).write(to: URL(fileURLWithPath: files.weights))
    try Data("abc".utf8).write(to: URL(fileURLWithPath: files.vocabulary))
    #expect(try ModelFiles.locate(environment: environment) == files)
    #expect(
      throws: EmbeddingError.wrongChecksum(
        path: files.weights, expected: ModelFiles.File.weights.digest, found: SHA256.digest(of: Array("abc".utf8)))
    ) { try files.verify() }
  }

  @Test("The published files pass", .enabled(if: TestModel.isThere, TestModel.reason))
  func published() throws { try #require(TestModel.files).verify() }
}
