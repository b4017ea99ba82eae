import ChromaModel
import ChromaTestSupport
import Foundation
import Testing

@testable import Embeddings

@Suite("The model's files")
struct ModelFilesTests {
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
        path: files.weights, expected: ModelFiles.File.weights.digest, found: SHA256Hash.digest(of: Array("abc".utf8)))
    ) { try files.verify() }
  }

  @Test("The published files pass", .enabled(if: TestModel.isThere, TestModel.reason))
  func published() throws { try #require(TestModel.files).verify() }
}
