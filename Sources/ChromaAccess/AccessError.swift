/// Why credentials or roles cannot be used as they are written. The message names the place and never the secret.
package struct AccessError: Error, Sendable, Hashable {
  package let message: String

  package init(_ message: String) { self.message = message }
}
