import Foundation
import Testing

@Suite("Documents keep up with the code")
struct DocumentationTests {
  @Test("Every test a document names exists")
  func namedTests() throws {
    let sources = try Self.files(under: "Tests", ending: ".swift")
    let declared = Set(sources.flatMap { $0.matches(of: /(?:struct|class|enum) (\w+Tests)\b/).map { String($0.1) } })
    let documents = try Self.files(under: "docs", ending: ".md")
    let named = Set(documents.flatMap { $0.matches(of: /`(\w+Tests)`/).map { String($0.1) } })
    #expect(!named.isEmpty)
    #expect(named.subtracting(declared).sorted() == [])
  }

  @Test("Every file a document links to exists, and every place in it")
  func links() throws {
    for folder in ["", "docs/", "docs/deploy/", "Tests/Conformance/", "Tests/Crash/"] {
      let names = try FileManager.default.contentsOfDirectory(atPath: ImportTests.root.path + "/" + folder)
      for name in names where name.hasSuffix(".md") {
        let text = try String(contentsOfFile: "\(ImportTests.root.path)/\(folder)\(name)", encoding: .utf8)
        for match in text.matches(of: /\]\(([^)#:]*)(?:#([^)]*))?\)/) {
          let path = "\(ImportTests.root.path)/\(folder)\(match.1.isEmpty ? Substring(name) : match.1)"
          #expect(FileManager.default.fileExists(atPath: path), "\(folder)\(name) links to \(match.1)")
          guard let place = match.2, path.hasSuffix(".md") else { continue }
          let target = try String(contentsOfFile: path, encoding: .utf8)
          #expect(Self.places(in: target).contains(String(place)), "\(folder)\(name) links to \(match.1)#\(place)")
        }
      }
    }
  }

  /// Headings, in the form that links have, and anchors.
  private static func places(in document: String) -> Set<String> {
    let headings = document.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
      let title = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
      return String(title.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }.map { $0 == " " ? "-" : $0 })
    }
    return Set(headings).union(document.matches(of: /<a id="([^"]+)">/).map { String($0.1) })
  }

  private static func files(under folder: String, ending: String) throws -> [String] {
    let root = ImportTests.root.path + "/" + folder
    let names = try #require(FileManager.default.enumerator(atPath: root))
    return try names.compactMap { ($0 as? String).flatMap { $0.hasSuffix(ending) ? $0 : nil } }
      .map { try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8) }
  }
}
