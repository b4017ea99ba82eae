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
    #expect(run.config == "c.yaml")
    #expect(
      run.flags
        == SettingsFlags(
          path: "p", host: "h", port: "1", allowReset: true, corsAllowOrigins: ["a", "b"], maxBodyBytes: "5",
          logFormat: "json", logLevel: "debug"))
    #expect(try (Chroma.parseAsRoot(["run"]) as? Run)?.flags == SettingsFlags())
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

  @Test("The help names every variable the settings read")
  func help() {
    let help = Chroma.helpMessage(for: Run.self)
    for name in [
      "CHROMA_LISTEN_ADDRESS", "CHROMA_SERVER_HOST", "CHROMA_PORT", "CHROMA_SERVER_HTTP_PORT", "CHROMA_PERSIST_PATH",
      "PERSIST_DIRECTORY", "CHROMA_MAX_PAYLOAD_SIZE_BYTES", "CHROMA_CORS_ALLOW_ORIGINS",
      "CHROMA_SERVER_CORS_ALLOW_ORIGINS", "CHROMA_ALLOW_RESET", "ALLOW_RESET", "CHROMA_LOG_FORMAT", "CHROMA_LOG_LEVEL",
    ] { #expect(help.contains(name)) }
  }

  @Test("A health check asks where run would listen, on the loopback")
  func healthcheckAddress() throws {
    func address(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
      let command = try #require(try Chroma.parseAsRoot(["healthcheck"] + arguments) as? Healthcheck)
      let address = try command.address(environment: environment)
      return url(host: address.host, port: address.port)
    }
    #expect(try address([]) == "http://127.0.0.1:8000")
    #expect(try address([], ["CHROMA_LISTEN_ADDRESS": "0.0.0.0", "CHROMA_PORT": "9"]) == "http://127.0.0.1:9")
    #expect(try address([], ["CHROMA_LISTEN_ADDRESS": "::"]) == "http://[::1]:8000")
    #expect(try address(["--host", "h", "--port", "1"]) == "http://h:1")
    #expect(try address(["--url", "http://[::1]:8001/x"]) == "http://[::1]:8001")
    #expect(try address(["--url", "http://h"]) == "http://h:80")
    #expect(throws: SettingsError.self) { try address(["--url", "https://h"]) }
    #expect(throws: SettingsError.self) { try address(["--port", "99999"]) }
  }

  @Test("A probe of a port where nothing listens says so")
  func probe() {
    let error = #expect(throws: ProbeError.self) {
      // Port 1 (tcpmux) is privileged and unused.
      try HTTPProbe(host: "127.0.0.1", port: 1).status(of: "/", seconds: 1)
    }
    #expect(error?.reason == "nothing listens on 127.0.0.1:1")
  }
}

@Suite struct FilesystemReportTests {
  private static let mounts = """
    22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
    30 22 0:26 / /data rw,nosuid shared:2 master:1 - tmpfs tmpfs rw
    31 30 0:27 / /data/a\\040b rw - xfs /dev/b rw
    32 22 0:28 / /data rw - overlay overlay rw
    broken line
    """

  @Test(
    "The longest mount point counts, the last of two",
    arguments: [
      ("/", "ext4"), ("/database", "ext4"), ("/data", "overlay"), ("/data/x", "overlay"), ("/data/a b/c", "xfs"),
      ("/home/x", "ext4"),
    ])
  func types(path: String, expected: String) {
    #expect(FilesystemReport.type(of: path, mounts: Self.mounts) == expected)
  }

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
