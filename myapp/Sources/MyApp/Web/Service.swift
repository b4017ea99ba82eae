import AsyncHTTPClient
import ChromaClient
import Logging

/// What the routes answer from.
struct Service: Sendable {
  var settings: MyAppSettings
  var librarian: Librarian
  /// In words: where the database is.
  var place: Wire.Status.Place
  var chat: ChatModel?
  var files: StaticFiles
  var logger: Logger
  /// Uploads.
  var ingestGate: TurnGate
  /// Bodies that are being read.
  var uploadGate = TurnGate(concurrent: 4, waiting: 32)
  /// Work that goes through the whole library.
  var surveyGate = TurnGate(concurrent: 1, waiting: 4)
  /// Questions, which cost a model's time.
  var askGate = TurnGate(concurrent: 8, waiting: 64)

  var writeGuard: WriteGuard { WriteGuard(token: settings.adminToken, mustHaveToken: settings.isOnPlatform) }

  func library() async throws(Librarian.NotReady) -> Library { try await librarian.open() }
}
