/// The users of an htpasswd file and the hashes of their passwords.
package struct PasswordTable: Sendable {
  let hashes: [String: BcryptHash]
  /// Checked for users who do not exist, so that they cost what others cost: one of the hashes of the most frequent cost.
  let decoy: BcryptHash

  /// Reads lines of `user:hash`; blank ones and those that begin with `#` do not count.
  ///
  /// - Throws: for a line that is none, a hash that is not bcrypt, a user who comes twice, and no user at all.
  package init(htpasswd text: String) throws(AccessError) {
    var hashes: [String: BcryptHash] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmed
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
        throw AccessError(
          "line \(index + 1) of the credentials is not USER:HASH; make one with: htpasswd -nbB USER PASSWORD")
      }
      let user = String(line[..<colon])
      guard let hash = BcryptHash(String(line[line.index(after: colon)...])) else {
        throw AccessError(
          "line \(index + 1) of the credentials has no bcrypt hash of a cost from \(BcryptHash.costs.lowerBound) to "
            + "\(BcryptHash.costs.upperBound); make one with: htpasswd -nbB USER PASSWORD")
      }
      guard hashes.updateValue(hash, forKey: user) == nil else {
        throw AccessError("line \(index + 1) of the credentials: the user \(user) comes twice")
      }
    }
    let byCost = Dictionary(grouping: hashes.values, by: \.cost)
    guard let decoy = byCost.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })?.value.first else {
      throw AccessError("the credentials name no user: expected lines of USER:HASH")
    }
    self.hashes = hashes
    self.decoy = decoy
  }
}

extension StringProtocol {
  /// Without blanks and line breaks at both ends.
  var trimmed: String {
    var text = Substring(self)
    while let first = text.unicodeScalars.first, first.properties.isWhitespace { text.unicodeScalars.removeFirst() }
    while let last = text.unicodeScalars.last, last.properties.isWhitespace { text.unicodeScalars.removeLast() }
    return String(text)
  }
}
