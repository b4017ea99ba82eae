#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What collections, databases and tenants may be called.
public enum Names {
  /// Checks the name of a collection or database that is created or renamed.
  ///
  /// 3 to 512 of `[a-zA-Z0-9._-]`, letter or digit at both ends, no `..`, no IP address; one `+` may join two such
  /// names (topology and name).
  /// - Returns: what is wrong, in Chroma's words, or `nil`.
  public static func problem(with name: String) -> String? {
    let halves = name.split(separator: "+", omittingEmptySubsequences: false)
    guard halves.count <= 2 else {
      return "Expected a name to contain at most one topology: `\(name)` Got two '+' characters."
    }
    for half in halves {
      if let problem = plainProblem(with: half, whole: name) { return problem }
    }
    return name.utf8.count <= 512 ? nil : alphabetProblem(name)
  }

  private static func alphabetProblem(_ name: String) -> String {
    "Expected a name containing 3-512 characters from [a-zA-Z0-9._-], starting and ending with a character in "
      + "[a-zA-Z0-9]. Got: \(name)"
  }

  private static func plainProblem(with part: Substring, whole name: String) -> String? {
    let bytes = Array(part.utf8)
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    func isAllowed(_ byte: UInt8) -> Bool {
      isLetterOrDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    guard (3...512).contains(bytes.count), isLetterOrDigit(bytes[0]), isLetterOrDigit(bytes[bytes.count - 1]),
      bytes.allSatisfy(isAllowed)
    else { return alphabetProblem(name) }
    guard !zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }) else {
      return "Expected a name that does not contains two consecutive periods (..). Got \(name)"
    }
    var address = in6_addr()
    if inet_pton(AF_INET, String(part), &address) == 1 || inet_pton(AF_INET6, String(part), &address) == 1 {
      return "Expected a name that is not a valid ip address. Got \(name)"
    }
    return nil
  }

  /// Checks the name of a tenant that is created: at least three characters, whatever they are.
  public static func tenantProblem(with name: String) -> String? {
    guard name.unicodeScalars.count < 3 else { return nil }
    return "Validation error: name: Validation error: length [{\"value\": String(\(JSONValue.string(name).text)), "
      + "\"min\": Number(3)}]"
  }

  /// Checks the keys and values of metadata given to a collection.
  /// - Returns: what is wrong, in Chroma's words, or `nil`.
  public static func metadataProblem(_ metadata: Metadata) -> String? {
    guard !metadata.isEmpty else { return "Metadata cannot be empty" }
    return metadata.keys.lazy.compactMap(metadataKeyProblem).first
  }

  /// Checks one metadata key.
  public static func metadataKeyProblem(_ key: String) -> String? {
    if key.isEmpty { return "Metadata key cannot be empty" }
    if key.hasPrefix("#") || key.hasPrefix("$") { return "Metadata key cannot start with '#' or '$': \(key)" }
    return nil
  }
}
