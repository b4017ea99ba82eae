/// The header a token is taken from.
package enum TokenTransport: Sendable, Hashable, CaseIterable {
  /// `X-Chroma-Token` where it is there, else `Authorization`.
  case any
  case authorization
  case chromaToken
}
