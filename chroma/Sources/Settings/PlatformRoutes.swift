import ChromaModel
import Foundation

/// The public routes of an Upsun or Platform.sh project, as its variables tell an app.
enum PlatformRoutes {
  /// Refuses to serve a public route that anybody could use for anything.
  ///
  /// - Parameter environment: `PLATFORM_ROUTES` is base64 of a JSON object from URL to route,
  ///   `PLATFORM_APPLICATION_NAME` this app.
  static func check(_ environment: [String: String], isProtected: Bool) throws(SettingsError) {
    guard !isProtected, let text = environment["PLATFORM_ROUTES"] else { return }
    guard let name = environment["PLATFORM_APPLICATION_NAME"], let urls = urls(to: name, in: text) else {
      throw SettingsError(
        source: .environment,
        message:
          "PLATFORM_ROUTES cannot be read, so this app may be public, and authentication is off: set CHROMA_AUTH_TOKEN")
    }
    guard let url = urls.first else { return }
    throw SettingsError(
      source: .environment,
      message:
        "PLATFORM_ROUTES makes this app public as \(url), and authentication is off: set CHROMA_AUTH_TOKEN, or take "
        + "the route away")
  }

  /// The URLs that lead to app `name`, sorted; `nil` when `base64` cannot be read.
  static func urls(to name: String, in base64: String) -> [String]? {
    guard let data = Data(base64Encoded: base64),
      case .object(let routes)? = try? JSONValue(parsing: String(decoding: data, as: UTF8.self))
    else { return nil }
    return routes.compactMap { url, route -> String? in
      guard case .string(let upstream)? = route["upstream"] else { return nil }
      // `chroma` or `chroma:http`
      return upstream.prefix { $0 != ":" } == name ? url : nil
    }
    .sorted()
  }
}
