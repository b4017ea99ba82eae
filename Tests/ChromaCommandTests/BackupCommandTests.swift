import ArgumentParser
import ChromaTestSupport
import Foundation
import Testing

@testable import chroma

@Suite("The backup commands")
struct BackupCommandTests {
  @Test("Each takes what its help says")
  func options() throws {
    let create = try #require(
      try Chroma.parseAsRoot([
        "backup", "create", "c.yaml", "--path", "p", "--backup-dir", "b", "--keep", "7", "--url", "http://h", "--json",
      ]) as? Backup.Create)
    #expect(create.options.given == ["--path": ["p"], "--backup-dir": ["b"]])
    #expect((create.keep, create.server.url, create.json) == (7, "http://h", true))
    let verify = try #require(try Chroma.parseAsRoot(["backup", "verify", "x"]) as? Backup.Verify)
    #expect(verify.backup == "x")
    let restore = try #require(
      try Chroma.parseAsRoot(["backup", "restore", "x", "--path", "p", "--backup-dir", "b"]) as? Backup.Restore)
    #expect((restore.backup, restore.path, restore.place.directory) == ("x", "p", "b"))
    for wrong in [["restore", "x"], ["restore", "--path", "p"], ["verify", "a", "b"], ["create", "--keep", "x"]] {
      #expect(throws: (any Error).self) { _ = try Chroma.parseAsRoot(["backup"] + wrong) }
    }
  }

  @Test("The backup directory is what the option says, else the environment, else the file")
  func place() throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/chroma.yaml"
    try "backup_directory: from-file\n".write(toFile: file, atomically: false, encoding: .utf8)
    var place = BackupPlace()
    place.directory = nil
    place.config = nil
    #expect(try place.found(environment: [:]) == nil)
    #expect(try place.found(environment: ["CHROMA_BACKUP_DIR": "from-environment"]) == "from-environment")
    place.config = file
    #expect(try place.found(environment: [:]) == "from-file")
    place.directory = "from-option"
    #expect(try place.found(environment: ["CHROMA_BACKUP_DIR": "x"]) == "from-option")
    #expect(try settings(environment: ["CHROMA_BACKUP_DIR": "b"]).backupDirectory == "b")
    #expect(try settings(environment: [:]).backupDirectory == nil)
  }

  private func settings(environment: [String: String]) throws -> Settings {
    try Settings.resolve(SettingsSources(environment: environment))
  }

  @Test("A backup is named by its path, or by its name where backups are kept")
  func names() {
    #expect(backupPath("a/b", in: "store") == "a/b")
    #expect(backupPath("b", in: "store") == "store/b")
    #expect(backupPath("b", in: nil) == "b")
  }

  @Test("The token is the server's own, from the environment or a file")
  func token() throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/token"
    try "from-file\n".write(toFile: file, atomically: false, encoding: .utf8)
    func header(_ environment: [String: String]) throws -> String? {
      try backupCredentials(SettingsSources(environment: environment)).map { "\($0.name): \($0.value)" }
    }
    #expect(try header([:]) == nil)
    #expect(try header(["CHROMA_AUTH_TOKEN": "secret"]) == "x-chroma-token: secret")
    #expect(
      try header(["CHROMA_AUTH_TOKEN": "secret", "CHROMA_AUTH_TOKEN_TRANSPORT_HEADER": "Authorization"])
        == "authorization: Bearer secret")
    #expect(try header(["CHROMA_AUTH_TOKEN_FILE": file]) == "x-chroma-token: from-file")
    #expect(throws: SettingsError.self) { _ = try header(["CHROMA_AUTH_TOKEN_FILE": file + "x"]) }
  }
}
