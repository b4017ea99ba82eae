/// `[n]` in an answer.
enum Citations {
  /// The numbers cited, each once, in the order they appear; those that name no source are left out.
  static func numbers(in answer: String, sources: Int) -> [Int] {
    var numbers: [Int] = []
    var digits = ""
    var isOpen = false
    for character in answer.unicodeScalars {
      switch character {
      case "[":
        isOpen = true
        digits = ""
      case "0"..."9" where isOpen && digits.count < 4: digits.unicodeScalars.append(character)
      case ",", " ", "]":
        // Models write [1, 2] too.
        if isOpen, let number = Int(digits), (1...max(sources, 1)).contains(number), sources > 0,
          !numbers.contains(number)
        {
          numbers.append(number)
        }
        digits = ""
        if character == "]" { isOpen = false }
      default: isOpen = false
      }
    }
    return numbers
  }
}
