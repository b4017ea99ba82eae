import Foundation

/// Chroma's Python server read `.env` from the directory it was started in. This one does not, and whoever keeps
/// credentials there is told.
///
/// - Throws: when a `.env` there sets a variable of authentication or TLS that the environment does not.
func checkDotEnvFile(in directory: String, _ sources: SettingsSources) throws(SettingsError) {
  guard let text = try? String(contentsOfFile: directory + "/.env", encoding: .utf8) else { return }
  guard let name = securityVariables(inDotEnv: text).first(where: { sources.variables[$0] == nil }) else { return }
  throw SettingsError(
    source: .environment,
    message: "\(directory)/.env sets \(name), and this server reads no .env file: "
      + "put its variables into the environment (set -a; . ./.env; set +a)")
}

/// The variables of authentication and TLS that the text of a `.env` file sets, in order.
func securityVariables(inDotEnv text: String) -> [String] {
  let names = Set((Setting.authentication + Setting.tls).flatMap(\.variables))
  return text.split(whereSeparator: \.isNewline).compactMap { line in
    let statement = line.drop { $0 == " " || $0 == "\t" || $0 == "\u{feff}" }
    guard !statement.hasPrefix("#"), let equals = statement.firstIndex(of: "=") else { return nil }
    let name = statement[..<equals].split(separator: " ").last.map { $0.uppercased() } ?? ""
    return names.contains(name) && statement.index(after: equals) != statement.endIndex ? name : nil
  }
}
