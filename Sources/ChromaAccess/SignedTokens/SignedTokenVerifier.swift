/// Believes tokens that one of the configured keys has signed (RFC 7519), and reads from them who is asking.
///
/// The actor keeps the keys; signatures are checked outside of it, as many at once as there are cores.
package actor SignedTokenVerifier {
  private let configuration: SignedTokenConfiguration
  private let policy: AccessPolicy
  private let fetch: @Sendable () async throws -> String
  private let report: @Sendable (String) -> Void
  private let now: @Sendable () -> Double
  private var keys: KeySet
  /// Seconds since 1970, of a clock that may be set back.
  private var fetchedAt: Double
  private var triedAt: Double
  private var refreshing: Task<Void, Never>?

  /// A token of an unknown key has the keys fetched anew, but not more often than this, in seconds; nor are failures
  /// tried again sooner.
  static let shortestInterval = 30.0
  /// Seconds after which keys that could not be fetched anew are not believed any more.
  static let longestLifetime = 86_400.0

  /// - Parameters:
  ///   - fetch: the JSON Web Key Set as text, or an error in good time. What is in use stays in use when it fails.
  ///   - report: gets a sentence when it does.
  ///   - now: seconds since 1970.
  /// - Throws: when there is no key set to begin with.
  package init(
    _ configuration: SignedTokenConfiguration, policy: AccessPolicy,
    fetch: @escaping @Sendable () async throws -> String, report: @escaping @Sendable (String) -> Void,
    now: @escaping @Sendable () -> Double
  ) async throws(AccessError) {
    self.configuration = configuration
    self.policy = policy
    self.fetch = fetch
    self.report = report
    self.now = now
    let text: String
    do { text = try await fetch() } catch {
      throw AccessError("the keys of signed tokens cannot be read: \((error as? AccessError)?.message ?? "\(error)")")
    }
    keys = try await KeySet(json: text)
    fetchedAt = now()
    triedAt = fetchedAt
  }

  /// Who signed in with this token; `nil` when it is not to be believed.
  nonisolated func identity(of text: String) async -> Identity? {
    guard let token = SignedTokenText(text) else { return nil }
    let claims = SignedTokenClaims(json: token.claims)
    let time = now()
    guard claims.isCurrent(at: time, leeway: configuration.leeway), claims.isMeant(for: configuration),
      let keys = await keys(for: token, at: time), keys.verify(token)
    else { return nil }
    return claims.identity(by: configuration, policy)
  }

  /// The keys to check a token with: fetched anew when none of them could have signed it, and beside the check when
  /// they are old. Of much older ones the fetch is waited for; where it fails they do for a day, and then none: a key
  /// that was withdrawn must not be believed for ever.
  private func keys(for token: SignedTokenText, at time: Double) async -> KeySet? {
    let age = abs(time - fetchedAt)
    if !keys.knows(token) || age > 6 * configuration.keyLifetime {
      await refresh(at: time)?.value
    } else if age > configuration.keyLifetime {
      _ = refresh(at: time)
    }
    return abs(now() - fetchedAt) <= max(Self.longestLifetime, configuration.keyLifetime) ? keys : nil
  }

  /// The fetch that is under way, or a new one; `nil` so soon after the last.
  private func refresh(at time: Double) -> Task<Void, Never>? {
    if let refreshing { return refreshing }
    guard abs(time - triedAt) >= Self.shortestInterval else { return nil }
    triedAt = time
    let task = Task { await load() }
    refreshing = task
    return task
  }

  private func load() async {
    do {
      keys = try await KeySet(json: try await fetch())
      fetchedAt = now()
    } catch {
      let reason = (error as? AccessError)?.message ?? "\(error)"
      report("The keys of signed tokens cannot be refreshed, the old ones stay: \(reason)")
    }
    refreshing = nil
  }
}
