import Foundation

/// Chroma's Python server read `.env` from the directory it was started in. This one does not, and whoever keeps credentials there is told.
///
/// - Throws: when a `.env` there sets a variable of authentication or TLS.
func checkDotEnvFile(in directory: String) throws(SettingsError) {
  guard let text = try? String(contentsOfFile: directory + "/.env", encoding: .utf8) else { return }
  guard let name = securityVariable(inDotEnv: text), ProcessInfo.processInfo.environment[name] == nil else { return }
  throw SettingsError(
    source: .environment,
    message: "\(directory)/.env sets \(name), and this server reads no .env file: "
      + "put its variables into the environment (set -a; . ./.env; set +a)")
}

/// The first variable of authentication or TLS that the text of a `.env` file sets.
func securityVariable(inDotEnv text: String) -> String? {
  let names = Set((Setting.authentication + Setting.tls).flatMap(\.variables))
  for line in text.split(whereSeparator: \.isNewline) {
    let statement = line.drop { $0 == " " || $0 == "\t" }
    guard !statement.hasPrefix("#"), let equals = statement.firstIndex(of: "=") else { continue }
    let name = statement[..<equals].split(separator: " ").last.map { $0.uppercased() } ?? ""
    if names.contains(name), statement.index(after: equals) != statement.endIndex { return name }
  }
  return nil
}
