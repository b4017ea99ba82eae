/// The header a token is sent in.
public enum TokenHeader: Sendable, Hashable, CaseIterable {
  /// `Authorization: Bearer TOKEN`
  case authorization
  /// `X-Chroma-Token: TOKEN`, for servers behind something that keeps `Authorization` for itself.
  case chromaToken

  /// Reads what the server reads: `Authorization`, `X-Chroma-Token` and `X_CHROMA_TOKEN`, in any case.
  init?(_ text: String) {
    switch text.lowercased().replacing("_", with: "-") {
    case "authorization": self = .authorization
    case "x-chroma-token": self = .chromaToken
    default: return nil
    }
  }

  /// The header's name and value.
  func field(_ token: String) -> (name: String, value: String) {
    switch self {
    case .authorization: ("Authorization", "Bearer \(token)")
    case .chromaToken: ("X-Chroma-Token", token)
    }
  }
}
