import Documents
import Embeddings
import Foundation
import Testing

@testable import myapp

@Suite("The sample corpus and its questions")
struct QuestionsTests {
  private static let home = TestLibrary.root + "/myapp"

  private func words(_ text: String) -> [String] { Words.of(text).map { $0.text.lowercased() } }

  private func runs(_ text: String) -> Set<[String]> {
    let words = words(text)
    return Set(words.indices.dropLast(2).map { Array(words[$0..<$0 + 3]) })
  }

  /// Each section's text by its file and heading.
  private func sections() throws -> [[String]: String] {
    let corpus = try Corpus(directory: Self.home + "/corpus")
    var sections: [[String]: String] = [:]
    for file in corpus.files {
      let text = String(decoding: try corpus.read(file).bytes, as: UTF8.self)
      for part in text.components(separatedBy: "\n## ").dropFirst() {
        let heading = String(part.prefix { $0 != "\n" })
        #expect(sections.updateValue(part, forKey: [file, heading]) == nil, "\(file) has \(heading) twice")
      }
    }
    return sections
  }

  @Test("There are 75 test questions or more, 15 of them without an answer, and others to tune on")
  func counts() throws {
    let questions = try EvaluationQuestion.read(Self.home + "/evaluation/questions.jsonl")
    let test = questions.filter { $0.set == .test }
    #expect(test.count >= 75)
    #expect(test.count { !$0.isAnswerable } >= 15)
    #expect(
      questions.contains { $0.set == .tune && $0.isAnswerable }
        && questions.contains { $0.set == .tune && !$0.isAnswerable })
    #expect(Set(questions.map(\.question)).count == questions.count)
  }

  @Test("No question shares three words in a row with the section that answers it")
  func paraphrased() throws {
    let sections = try sections()
    for question in try EvaluationQuestion.read(Self.home + "/evaluation/questions.jsonl") {
      guard let source = question.source else { continue }
      for heading in try #require(question.sections) {
        let text = try #require(sections[[source, heading]], "\(source) has no section \(heading)")
        #expect(runs(question.question).isDisjoint(with: runs(text)), "\(question.question)")
      }
    }
  }

  @Test(
    "The corpus gives 1,500 passages or more, none of them cut off", .enabled(if: TestModel.isThere, TestModel.reason))
  func passages() async throws {
    let corpus = try Corpus(directory: Self.home + "/corpus")
    let tokenizer = try TestModel.embedder().tokenizer
    let cutter = PassageCutter(tokenizer: tokenizer)
    var count = 0
    for file in corpus.files {
      let incoming = try corpus.read(file)
      #expect(incoming.topic?.isEmpty == false)
      let text = try await DocumentReader().read(incoming.bytes, name: file, kind: .markdown)
      let passages = cutter.cut(text)
      #expect(passages.allSatisfy { tokenizer.count($0.embeddedText) <= 240 })
      count += passages.count
    }
    #expect(count >= 1500)
  }
}
