import ArgumentParser
import ChromaModel
import Foundation

/// `chroma config`: what the settings come to, and where each comes from.
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show settings.",
    discussion: """
      Secrets are never shown.

      EXIT STATUS
        0   shown
        64, 78  as "chroma run" would refuse to start
      """,
    subcommands: [Show.self, Keys.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show each setting's value, and where it comes from.",
      discussion: "Takes the options of \"chroma run\" and reads the same environment and file.")

    @OptionGroup var options: ServerOptions

    func run() throws {
      let sources = try orExit { () throws(SettingsError) -> SettingsSources in try self.options.settings().sources }
      print(settingsReport(sources), terminator: "")
    }
  }

  struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List every setting with its variables, option and default.")

    func run() throws {
      for setting in Setting.all {
        print(setting.key)
        print("    \(setting.summary)")
        if let option = setting.option { print("    option       \(option)") }
        print("    environment  \((setting.variables + setting.lastVariables).joined(separator: ", "))")
        print("    value        \(setting.expects)")
        print("    default      \(setting.standard)")
      }
    }
  }
}

/// A line for each setting: key, value, source.
func settingsReport(_ sources: SettingsSources) -> String {
  let rows = Setting.all.map { setting -> (String, String, String) in
    guard let given = sources.find(setting) else { return (setting.key, setting.standard, "default") }
    let value = given.repeated.isEmpty ? given.text : given.repeated.joined(separator: ", ")
    return (setting.key, setting.isSecret ? "(secret)" : redacted(value), given.name)
  }
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { key, value, source in
    "\(key)\(String(repeating: " ", count: width - key.count))  \(value)  [\(source)]\n"
  }
  .joined()
}

/// A URL without the password and the query it may hold.
func redacted(_ text: String) -> String {
  guard let scheme = text.range(of: "://") else { return text }
  let rest = text[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
  let host = rest.prefix { $0 != "/" }
  guard let at = host.lastIndex(of: "@") else { return String(text[..<scheme.upperBound] + rest) }
  return text[..<scheme.upperBound] + "***" + rest[at...]
}
