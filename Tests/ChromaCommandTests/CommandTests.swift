import ArgumentParser
import ChromaTestSupport
import Testing

@testable import ChromaServer
@testable import chroma

@Suite struct CommandTests {
  @Test("Run takes the official options and ours")
  func options() throws {
    let run = try #require(
      try Chroma.parseAsRoot([
        "run", "c.yaml", "--path", "p", "--host", "h", "--port", "1", "--allow-reset", "--log-format", "json",
        "--log-level", "debug", "--max-body-bytes", "5", "--cors-allow-origin", "a", "--cors-allow-origin", "b",
      ]) as? Run)
    #expect(run.options.config == "c.yaml")
    #expect(
      run.options.given == [
        "--path": ["p"], "--host": ["h"], "--port": ["1"], "--allow-reset": ["true"],
        "--cors-allow-origin": ["a", "b"], "--max-body-bytes": ["5"], "--log-format": ["json"],
        "--log-level": ["debug"],
      ])
    #expect(try (Chroma.parseAsRoot(["run"]) as? Run)?.options.given == [:])
  }

  @Test("Every option of a setting is an option of run")
  func everyOption() throws {
    for setting in Setting.all {
      guard let option = setting.option else { continue }
      let isFlag = [Setting.allowReset, .requireAuth].contains(setting)
      let arguments = isFlag ? ["run", option] : ["run", option, "x"]
      let run = try #require(try Chroma.parseAsRoot(arguments) as? Run)
      #expect(run.options.given == [option: [isFlag ? "true" : "x"]])
    }
  }

  @Test("What is no command or option is a usage error", arguments: [["nope"], ["run", "--nope"], ["run", "a", "b"]])
  func usage(arguments: [String]) {
    do {
      _ = try Chroma.parseAsRoot(arguments)
      Issue.record("accepted \(arguments)")
    } catch {
      #expect(Chroma.exitCode(for: error) == .validationFailure)
    }
  }

  @Test("The help names every setting and variable")
  func help() {
    let help = Chroma.helpMessage(for: Run.self)
    for setting in Setting.all {
      for name in [setting.key] + setting.variables + setting.lastVariables { #expect(help.contains(name), "\(name)") }
    }
  }

  @Test("No two settings share a key, a variable or an option")
  func distinctSettings() {
    let names = Setting.all.flatMap { [$0.key] + $0.variables + $0.lastVariables + [$0.option].compactMap(\.self) }
    #expect(Set(names).count == names.count)
  }

  @Test("A health check asks where run would listen, on the loopback")
  func healthcheckAddress() throws {
    func base(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
      let command = try #require(try Chroma.parseAsRoot(["healthcheck"] + arguments) as? Healthcheck)
      return try command.target(environment: environment).base
    }
    #expect(try base([]) == "http://127.0.0.1:8000")
    #expect(try base([], ["CHROMA_LISTEN_ADDRESS": "0.0.0.0", "CHROMA_PORT": "9"]) == "http://127.0.0.1:9")
    #expect(try base([], ["CHROMA_LISTEN_ADDRESS": "::"]) == "http://[::1]:8000")
    #expect(try base(["--host", "h", "--port", "1"]) == "http://h:1")
    #expect(try base(["--host", "[::1]"]) == "http://[::1]:8000")
    #expect(try base(["--url", "http://[::1]:8001/"]) == "http://[::1]:8001")
    #expect(try base(["--url", "https://h"]) == "https://h")
    #expect(
      try base([], ["CHROMA_SSL_CERTFILE": "c.pem", "CHROMA_SSL_KEYFILE": "k.pem"]) == "https://127.0.0.1:8000")
    for wrong in ["ftp://h", "http://h/path", "h:80", "http://"] {
      #expect(throws: SettingsError.self) { try base(["--url", wrong]) }
    }
    #expect(throws: SettingsError.self) { try base(["--port", "99999"]) }
    #expect(throws: SettingsError.self) { try base(["--client-cert", "c.pem"]) }
  }

  @Test("Whom a secret is told must show the certificate it is configured with")
  func certificates() throws {
    let environment = ["CHROMA_SSL_CERTFILE": "c.pem", "CHROMA_SSL_KEYFILE": "k.pem"]
    func probe(_ arguments: [String], isTold: Bool) throws -> HealthProbe {
      let command = try #require(try Chroma.parseAsRoot(["healthcheck"] + arguments) as? Healthcheck)
      return try command.server.probe(command.options, environment: environment, isTold: isTold)
    }
    let asked = try probe([], isTold: false)
    #expect(asked.takesAnyCertificate && asked.ownCertificate == nil)
    let told = try probe([], isTold: true)
    #expect(!told.takesAnyCertificate && told.ownCertificate == "c.pem")
    for named in [try probe(["--url", "https://h"], isTold: true), try probe(["--ca", "ca.pem"], isTold: true)] {
      #expect(!named.takesAnyCertificate && named.ownCertificate == nil)
    }
  }

  @Test("A probe of a port where nothing listens says so")
  func probe() async {
    // Port 1 (tcpmux) is privileged and unused.
    let error = await #expect(throws: ProbeError.self) {
      try await HealthProbe(base: "http://127.0.0.1:1").ask("/", seconds: 60)
    }
    #expect(error?.reason == "nothing listens on http://127.0.0.1:1")
  }
}

@Suite struct FilesystemReportTests {
  @Test("Memory and container layers are warned of, disks are not")
  func warnings() {
    for type in ["tmpfs", "ramfs", "overlay"] { #expect(FilesystemReport(type: type, freeBytes: 1).warning != nil) }
    for type in ["ext4", "xfs", "unknown"] { #expect(FilesystemReport(type: type, freeBytes: 1).warning == nil) }
  }

  @Test("A directory that is not there yet is judged by the one above")
  func missing() throws {
    let directory = try TemporaryDirectory()
    #expect(
      FilesystemReport(path: directory.path + "/a/b/c").type == FilesystemReport(path: directory.path).type)
    #expect((FilesystemReport(path: directory.path).freeBytes ?? 0) > 0)
  }
}
