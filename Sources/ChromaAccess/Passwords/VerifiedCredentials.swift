import Crypto

/// Passwords found right a short while ago, so that bcrypt's cost is paid once and not for each request.
///
/// Keeps no password: a credential is known by its HMAC-SHA256 under a key that never leaves the process. Only right ones are
/// kept, so that a wrong password always costs its full time.
struct VerifiedCredentials: Sendable {
  private let key = SymmetricKey(size: .bits256)
  private var expiries: [SHA256Digest.Bytes: ContinuousClock.Instant] = [:]
  private let capacity: Int
  private let lifetime: Duration

  init(capacity: Int = 1024, lifetime: Duration = .seconds(300)) {
    self.capacity = capacity
    self.lifetime = lifetime
  }

  /// What stands for a credential here.
  func mark(user: String, password: String, hash: BcryptHash) -> SHA256Digest.Bytes {
    var hmac = HMAC<SHA256>(key: key)
    // Lengths in front, so that no two credentials are the same bytes.
    for part in [user, password, hash.text] {
      withUnsafeBytes(of: UInt64(part.utf8.count)) { hmac.update(data: Array($0)) }
      hmac.update(data: Array(part.utf8))
    }
    return Array(hmac.finalize())
  }

  func contains(_ mark: SHA256Digest.Bytes, at now: ContinuousClock.Instant) -> Bool {
    expiries[mark].map { now < $0 } ?? false
  }

  mutating func insert(_ mark: SHA256Digest.Bytes, at now: ContinuousClock.Instant) {
    if expiries.count >= capacity {
      expiries = expiries.filter { now < $0.value }
      if expiries.count >= capacity, let oldest = expiries.min(by: { $0.value < $1.value })?.key {
        expiries[oldest] = nil
      }
    }
    expiries[mark] = now + lifetime
  }
}

extension SHA256Digest {
  typealias Bytes = [UInt8]
}
