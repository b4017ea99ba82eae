/// The users of an htpasswd file and the hashes of their passwords.
package struct PasswordTable: Sendable {
  let hashes: [String: BcryptHash]
  /// Checked for users who do not exist, so that they cost what others cost: one of the hashes of the most frequent cost.
  let decoy: BcryptHash

  /// Reads lines of `user:hash`, parted at the first colon; blank ones and those that begin with `#` do not count.
  ///
  /// - Throws: for a line that is none, a hash that is not bcrypt, a user who comes twice, and no user at all; with the
  ///   number of the line, and without its hash.
  package init(htpasswd text: String) throws(AccessError) {
    var hashes: [String: BcryptHash] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmed
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      let place = "line \(index + 1) of the credentials"
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon != line.startIndex else {
        throw AccessError("\(place) is not user:hash; make one with: htpasswd -nbB user password")
      }
      let user = String(line[..<colon])
      let hash: BcryptHash
      do {
        hash = try BcryptHash(String(line[line.utf8.index(after: colon)...]))
      } catch {
        throw AccessError("\(place): \(error.message)")
      }
      guard hashes.updateValue(hash, forKey: user) == nil else {
        throw AccessError("\(place): the user \(user) comes twice")
      }
    }
    let byCost = Dictionary(grouping: hashes.values, by: \.cost)
    guard let decoy = byCost.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })?.value.first else {
      throw AccessError("the credentials name no user; expected lines of user:hash as htpasswd -nbB makes them")
    }
    self.hashes = hashes
    self.decoy = decoy
  }
}
