import Crypto

/// Passwords found right a short while ago, so that bcrypt's cost is paid once and not for each request.
///
/// Keeps no password: a credential is known by its HMAC-SHA256 under a key that never leaves the process. Only right
/// ones are kept, so that a wrong password always costs its full time.
struct VerifiedCredentials: Sendable {
  private let key = SymmetricKey(size: .bits256)
  private var expiries: [[UInt8]: ContinuousClock.Instant] = [:]
  private let capacity: Int
  private let lifetime: Duration

  init(capacity: Int = 1024, lifetime: Duration = .seconds(300)) {
    self.capacity = capacity
    self.lifetime = lifetime
  }

  /// What stands for a credential here.
  func mark(user: String, password: String, hash: BcryptHash) -> [UInt8] {
    // Lengths in front, so that no two credentials are the same bytes.
    let bytes = Array("\(user.utf8.count) \(password.utf8.count) \(user)\(password)\(hash.text)".utf8)
    return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
  }

  func contains(_ mark: [UInt8], at now: ContinuousClock.Instant) -> Bool {
    expiries[mark].map { now < $0 } ?? false
  }

  /// Makes room by what has expired, else by the oldest.
  mutating func insert(_ mark: [UInt8], at now: ContinuousClock.Instant) {
    if expiries[mark] == nil, expiries.count >= capacity {
      expiries = expiries.filter { now < $0.value }
      if expiries.count >= capacity, let oldest = expiries.min(by: { $0.value < $1.value })?.key {
        expiries[oldest] = nil
      }
    }
    expiries[mark] = now + lifetime
  }
}
