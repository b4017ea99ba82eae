import ChromaClient
import ChromaTestSupport
import Testing

@Suite("What every ChromaAPI must do")
struct ConformanceTests {
  @Test("The engine in this process", arguments: APICheck.all)
  func engine(check: APICheck) async throws {
    try await withEngine { engine in
      for finding in await check.findings(of: engine) { Issue.record("\(finding)") }
    }
  }

  @Test("Our server over HTTP", arguments: APICheck.all)
  func server(check: APICheck) async throws {
    try await withEngine { engine in
      try await withLiveServer(engine) { address in
        let api = HTTPAPI(address, logger: silent)
        for finding in await check.findings(of: api) { Issue.record("\(finding)") }
        await api.shutdown()
      }
    }
  }

  @Test("Our server over HTTP, with a token in either header", arguments: APICheck.all, TokenHeader.allCases)
  func serverWithToken(check: APICheck, header: TokenHeader) async throws {
    try await withEngine { engine in
      try await withLiveServer(engine, token: "a.Token-1") { address in
        let api = HTTPAPI(address, token: "a.Token-1", tokenHeader: header, logger: silent)
        for finding in await check.findings(of: api) { Issue.record("\(finding)") }
        await api.shutdown()
      }
    }
  }
}
