/// Makes plain words of Markdown's inline marks: emphasis, code, links, images, HTML, entities, escapes.
///
/// Takes linear time for any input.
struct MarkdownInline {
  /// Labels that links may refer to, in lower case.
  let references: Set<String>

  func plain(_ text: String) -> String {
    // Nearly all text has no marks.
    guard text.utf8.contains(where: Self.isMark) else { return text }
    var scanner = Scanner(Array(text.unicodeScalars), references: references)
    return scanner.plain()
  }

  private static func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "["), UInt8(ascii: "<"),
      UInt8(ascii: "&"), UInt8(ascii: "\\"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// A run of `*`, `_` or `~` in what was written.
  private struct Run {
    var mark: Unicode.Scalar
    var start: Int
    /// Marks not yet matched.
    var count: Int
    let length: Int
    let opens: Bool
    let closes: Bool
  }

  private struct Scanner {
    let input: [Unicode.Scalar]
    let references: Set<String>
    var position = 0
    /// Marks are written too, and taken out when their partner is found.
    var output: [Unicode.Scalar?] = []
    var runs: [Run] = []
    /// Places of `[` (and of the `!` before) in the output, where the label begins in the input.
    var brackets: [(output: Int, isImage: Bool, label: Int)] = []
    /// For each run of backticks the next one as long.
    var nextTicks: [Int: Int] = [:]
    var hasNoCommentEnd = false

    init(_ input: [Unicode.Scalar], references: Set<String>) {
      self.input = input
      self.references = references
      output.reserveCapacity(input.count)
    }

    mutating func plain() -> String {
      findTicks()
      while position < input.count { step() }
      matchRuns()
      var result = String.UnicodeScalarView()
      for case let scalar? in output { result.append(scalar) }
      return String(result)
    }

    private mutating func step() {
      let scalar = input[position]
      switch scalar {
      case "\\" where position + 1 < input.count && Self.isPunctuation(input[position + 1]):
        output.append(input[position + 1])
        position += 2
      case "`": code()
      case "*", "_", "~": run(scalar)
      case "!" where position + 1 < input.count && input[position + 1] == "[":
        brackets.append((output.count, true, position + 2))
        output += ["!", "["]
        position += 2
      case "[":
        brackets.append((output.count, false, position + 1))
        output.append("[")
        position += 1
      case "]": closeBracket()
      case "<": angle()
      case "&":
        if let entity = Entities.read(input, at: position) {
          output.append(contentsOf: entity.text.unicodeScalars.map { $0 })
          position = entity.end
        } else {
          emit()
        }
      default: emit()
      }
    }

    private mutating func emit() {
      output.append(input[position])
      position += 1
    }

    // MARK: Code

    private mutating func findTicks() {
      var lastByCount: [Int: Int] = [:]
      var index = 0
      while index < input.count {
        guard input[index] == "`" else {
          index += 1
          continue
        }
        let start = index
        while index < input.count, input[index] == "`" { index += 1 }
        if let last = lastByCount[index - start] { nextTicks[last] = start }
        lastByCount[index - start] = start
      }
    }

    private mutating func code() {
      let start = position
      while position < input.count, input[position] == "`" { position += 1 }
      guard let end = nextTicks[start] else {
        output.append(contentsOf: input[start..<position].map { $0 })
        return
      }
      var content = input[position..<end]
      // One space inside each end is there for the backticks' sake.
      if content.count > 2, content.first == " ", content.last == " ", content.contains(where: { $0 != " " }) {
        content = content.dropFirst().dropLast()
      }
      output.append(contentsOf: content.map { $0 })
      position = end + (position - start)
    }

    // MARK: Emphasis

    private mutating func run(_ mark: Unicode.Scalar) {
      let start = position
      while position < input.count, input[position] == mark { position += 1 }
      let before = start > 0 ? input[start - 1] : " "
      let after = position < input.count ? input[position] : " "
      let count = position - start
      let isLeft =
        !after.isWhiteSpace && (!Self.isPunctuation(after) || before.isWhiteSpace || Self.isPunctuation(before))
      let isRight =
        !before.isWhiteSpace && (!Self.isPunctuation(before) || after.isWhiteSpace || Self.isPunctuation(after))
      var (opens, closes) = (isLeft, isRight)
      switch mark {
      case "_":
        opens = isLeft && (!isRight || Self.isPunctuation(before))
        closes = isRight && (!isLeft || Self.isPunctuation(after))
      case "~" where count != 2: (opens, closes) = (false, false)
      // "5*3" is a product, whatever CommonMark says.
      case "*" where before.isASCIIDigit && after.isASCIIDigit: (opens, closes) = (false, false)
      default: break
      }
      if opens || closes {
        runs.append(Run(mark: mark, start: output.count, count: count, length: count, opens: opens, closes: closes))
      }
      output.append(contentsOf: repeatElement(Optional(mark), count: count))
    }

    /// Each closing run takes the nearest openers. Marks between two that match mean themselves.
    private mutating func matchRuns() {
      var openers: [Unicode.Scalar: [Run]] = [:]
      for var run in runs {
        while run.closes, run.count > 0, let place = Self.opener(for: run, among: openers[run.mark] ?? []) {
          openers[run.mark]?.removeSubrange((place + 1)...)
          guard var opener = openers[run.mark]?.popLast() else { break }
          let matched = min(run.count, opener.count)
          for index in 0..<matched {
            output[run.start + index] = nil
            output[opener.start + opener.count - 1 - index] = nil
          }
          run.start += matched
          run.count -= matched
          opener.count -= matched
          if opener.count > 0 { openers[run.mark]?.append(opener) }
        }
        if run.opens, run.count > 0 { openers[run.mark, default: []].append(run) }
      }
    }

    private static func opener(for run: Run, among openers: [Run]) -> Int? {
      // A few are enough, and all could be as many as there are marks.
      openers.indices.suffix(16).last { index in
        let opener = openers[index]
        // CommonMark's rules 9 and 10: "**a*b**" is one strong text.
        return !(opener.closes || run.opens) || (opener.length + run.length) % 3 != 0
          || (opener.length % 3 == 0 && run.length % 3 == 0)
      }
    }

    // MARK: Links

    private mutating func closeBracket() {
      guard let open = brackets.popLast() else { return emit() }
      let label = open.label..<position
      let next = position + 1 < input.count ? input[position + 1] : " "
      if next == "(", let end = destinationEnd(from: position + 2) {
        position = end
      } else if next == "[", let end = input[(position + 2)...].prefix(1000).firstIndex(of: "]") {
        position = end + 1
      } else if label.count < 1000, references.contains(String(String.UnicodeScalarView(input[label])).lowercased()) {
        position += 1
        // A footnote's number says nothing where it stands.
        if input[label].first == "^" {
          for index in open.output..<output.count { output[index] = nil }
          return
        }
      } else {
        return emit()
      }
      output[open.output] = nil
      if open.isImage { output[open.output + 1] = nil }
    }

    /// Behind the `)` that closes a link's destination and title.
    private func destinationEnd(from start: Int) -> Int? {
      var depth = 1
      var opened = 1
      var quote: Unicode.Scalar?
      var index = start
      while index < input.count, index - start < 20_000 {
        let scalar = input[index]
        if scalar == "\\" {
          index += 2
          continue
        }
        if let mark = quote {
          if scalar == mark { quote = nil }
        } else if scalar == "\"" || scalar == "'", index > start, input[index - 1].isWhiteSpace {
          quote = scalar
        } else if scalar == "(" {
          // As others do: what nests deeper is no destination, and is not searched for one over and over.
          opened += 1
          depth += 1
          if opened > 32 { return nil }
        } else if scalar == ")" {
          depth -= 1
          if depth == 0 { return index + 1 }
        }
        index += 1
      }
      return nil
    }

    // MARK: HTML

    private mutating func angle() {
      let rest = input[(position + 1)...]
      guard let next = rest.first else { return emit() }
      if rest.starts(with: ["!", "-", "-"]), !hasNoCommentEnd {
        if let end = commentEnd(from: position + 4) {
          position = end
        } else {
          hasNoCommentEnd = true
          emit()
        }
        return
      }
      guard next.isASCII, next.properties.isAlphabetic || next == "/" || next == "!" || next == "?",
        let end = rest.firstIndex(where: { $0 == ">" || $0 == "<" }), input[end] == ">"
      else { return emit() }
      let content = input[position + 1..<end]
      let name = content.drop { $0 == "/" }.prefix { $0.isASCII && $0.properties.isAlphabetic }
      let word = String(String.UnicodeScalarView(name)).lowercased()
      // <https://example.com> and <a@example.com> are text; the rest is HTML.
      let behind = content.dropFirst(name.count).first
      if !content.contains(where: \.isWhiteSpace), behind == ":" || (content.contains("@") && next != "/") {
        output.append(contentsOf: content.map { $0 })
      } else if word == "br" {
        output.append("\n")
      } else if HTMLNames.blocks.contains(word), let last = output.last, last?.isWhiteSpace == false {
        output.append(" ")
      }
      position = end + 1
    }

    private func commentEnd(from start: Int) -> Int? {
      var index = start
      while index + 2 < input.count {
        if input[index] == "-", input[index + 1] == "-", input[index + 2] == ">" { return index + 3 }
        index += 1
      }
      return nil
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
      if scalar.isASCII { return scalar.value > 0x20 && scalar.value < 0x7F && !isAlphanumeric(scalar) }
      switch scalar.properties.generalCategory {
      case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
        .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
        return true
      default: return false
      }
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isASCIIDigit || scalar.properties.isAlphabetic
    }
  }
}
