import Crypto

/// Passwords found right a short while ago, so that bcrypt's cost is paid once and not for each request.
///
/// Keeps no password: a credential is known by its HMAC-SHA256 under a key that never leaves the process. Only right
/// ones are kept, so that a wrong password always costs its full time.
struct VerifiedCredentials: Sendable {
  private struct Entry: Sendable {
    var expiry: ContinuousClock.Instant
    /// Where it was shown from while it was known, in groups of the throttle.
    var origins: Set<String>
  }

  private let key = SymmetricKey(size: .bits256)
  private var entries: [[UInt8]: Entry] = [:]
  private let capacity: Int
  private let lifetime: Duration

  static let maxOrigins = 64

  init(capacity: Int = 1024, lifetime: Duration = .seconds(300)) {
    self.capacity = capacity
    self.lifetime = lifetime
  }

  /// What stands for a credential here. Of a password bcrypt reads 72 bytes, and so does this: else whoever knows one
  /// would have any number of them.
  func mark(user: String, password: String, hash: BcryptHash) -> [UInt8] {
    let password = Array(password.utf8.prefix(72))
    // Lengths in front, so that no two credentials are the same bytes.
    let bytes = Array("\(user.utf8.count) \(password.count) \(user)".utf8) + password + Array(hash.text.utf8)
    return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
  }

  func contains(_ mark: [UInt8], at now: ContinuousClock.Instant) -> Bool {
    entries[mark].map { now < $0.expiry } ?? false
  }

  /// Whether it is known, and was shown from there before.
  func contains(_ mark: [UInt8], from origin: String, at now: ContinuousClock.Instant) -> Bool {
    entries[mark].map { now < $0.expiry && $0.origins.contains(origin) } ?? false
  }

  /// Makes room by what has expired, else by what expires first. One that is there already lives on: hashes do not
  /// change while the process runs.
  mutating func insert(_ mark: [UInt8], from origin: String, at now: ContinuousClock.Instant) {
    if entries[mark] == nil, entries.count >= capacity {
      entries = entries.filter { now < $0.value.expiry }
      if entries.count >= capacity, let oldest = entries.min(by: { $0.value.expiry < $1.value.expiry })?.key {
        entries[oldest] = nil
      }
    }
    var entry = entries[mark] ?? Entry(expiry: now, origins: [])
    entry.expiry = now + lifetime
    if entry.origins.count < Self.maxOrigins { entry.origins.insert(origin) }
    entries[mark] = entry
  }
}
