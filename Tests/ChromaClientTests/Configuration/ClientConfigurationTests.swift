import ChromaModel
import Foundation
import Testing

@testable import ChromaClient

@Suite struct ClientConfigurationTests {
  private func relationships(_ json: String) -> String { Data(json.utf8).base64EncodedString() }

  private func place(_ environment: [String: String]) throws -> ClientConfiguration.Place {
    try ClientConfiguration(environment: environment).place
  }

  private func server(_ host: String, _ port: Int, secure: Bool = false) -> ClientConfiguration.Place {
    .server(ServerAddress(host: host, port: port, isSecure: secure))
  }

  @Test("Nothing named is the engine in this process")
  func inProcess() throws {
    #expect(try place([:]) == .inProcess(directory: "./chroma_data"))
    #expect(try place(["CHROMA_HOST": "", "CHROMA_PORT": ""]) == .inProcess(directory: "./chroma_data"))
    #expect(try place(["CHROMA_PERSIST_PATH": "/a", "PERSIST_DIRECTORY": "/b"]) == .inProcess(directory: "/a"))
    #expect(try place(["PERSIST_DIRECTORY": "/b"]) == .inProcess(directory: "/b"))
    let given = try ClientConfiguration(directory: "/c", environment: ["CHROMA_PERSIST_PATH": "/a"])
    #expect(given.place == .inProcess(directory: "/c"))
    // It only says where, not that.
    let both = try ClientConfiguration(directory: "/c", environment: ["CHROMA_HOST": "db"])
    #expect(both.place == server("db", 8000))
  }

  @Test("A host and a port by variable, and what they are when one is not set")
  func variables() throws {
    #expect(try place(["CHROMA_HOST": "db", "CHROMA_PORT": "9000"]) == server("db", 9000))
    #expect(try place(["CHROMA_HOST": "db"]) == server("db", 8000))
    #expect(try place(["CHROMA_HOST": "chroma.internal"]) == server("chroma.internal", 80))
    #expect(try place(["CHROMA_HOST": "chroma.INTERNAL", "CHROMA_PORT": "81"]) == server("chroma.INTERNAL", 81))
    #expect(try place(["CHROMA_PORT": "9000"]) == server("localhost", 9000))
    #expect(try place(["CHROMA_HOST": "::1"]) == server("::1", 8000))
    #expect(try place(["CHROMA_HOST": "[2001:db8::1]"]) == server("2001:db8::1", 8000))
    #expect(ServerAddress(host: "::1", port: 8000, isSecure: true).url == "https://[::1]:8000")
  }

  @Test(
    "TLS by variable, in any usual word",
    arguments: [
      ("true", true), ("TRUE", true), ("1", true), ("on", true), ("false", false), ("0", false), ("No", false),
      ("", false),
    ])
  func ssl(text: String, isSecure: Bool) throws {
    #expect(try place(["CHROMA_HOST": "db", "CHROMA_SSL": text]) == server("db", 8000, secure: isSecure))
  }

  @Test("Arguments go before variables, one by one")
  func arguments() throws {
    let environment = [
      "CHROMA_HOST": "db", "CHROMA_PORT": "9000", "CHROMA_SSL": "true", "CHROMA_AUTH_TOKEN": "t1",
      "CHROMA_AUTH_TOKEN_TRANSPORT_HEADER": "X-Chroma-Token", "CHROMA_TENANT": "acme", "CHROMA_DATABASE": "one",
    ]
    let read = try ClientConfiguration(environment: environment)
    #expect(read.place == server("db", 9000, secure: true))
    #expect(read.token == "t1")
    #expect(read.tokenHeader == .chromaToken)
    #expect(read.path == DatabasePath(tenant: "acme", database: "one"))
    let given = try ClientConfiguration(
      host: "other", port: 1, ssl: false, token: "t2", tokenHeader: .authorization, tenant: "t", database: "d",
      environment: environment)
    #expect(given.place == server("other", 1))
    #expect(given.token == "t2")
    #expect(given.tokenHeader == .authorization)
    #expect(given.path == DatabasePath(tenant: "t", database: "d"))
    #expect(
      try ClientConfiguration(host: "other", environment: environment).place == server("other", 9000, secure: true))
  }

  @Test(
    "An Upsun relationship, its types as they come",
    arguments: [
      #"{"chroma":[{"host":"chroma.internal","port":80,"scheme":"http","query":{},"public":false,"ip":"169.254.1.2"}]}"#,
      #"{"chroma":[{"host":"chroma.internal","port":"80","scheme":"HTTP"}],"pg":[{}]}"#,
      #"{"chroma":[{"host":"chroma.internal","port":80.0,"scheme":null},{"host":"second"}]}"#,
      #"{"chroma":[{"host":"chroma.internal"}]}"#, #"{"chroma":{"host":"chroma.internal","port":"","scheme":""}}"#,
    ])
  func relationship(json: String) throws {
    #expect(try place(["PLATFORM_RELATIONSHIPS": relationships(json)]) == server("chroma.internal", 80))
  }

  @Test("A tunnel's relationship, base64 in lines, another name, TLS")
  func tunnel() throws {
    let text = relationships(#"{"vectors":[{"host":"127.0.0.1","port":30000,"scheme":"https"}]}"#)
    let lines = text.prefix(20) + "\n" + text.dropFirst(20) + "\n"
    let environment = ["PLATFORM_RELATIONSHIPS": String(lines)]
    #expect(
      try ClientConfiguration(relationship: "vectors", environment: environment).place
        == server("127.0.0.1", 30000, secure: true))
    #expect(
      try ClientConfiguration(ssl: false, relationship: "vectors", environment: environment).place
        == server("127.0.0.1", 30000))
    #expect(try place(environment) == .inProcess(directory: "./chroma_data"))
    #expect(try place(environment.merging(["CHROMA_HOST": "db"]) { $1 }) == server("db", 8000))
  }

  @Test("On Upsun a missing relationship is an error, never an empty database")
  func missingRelationship() throws {
    for text in [nil, relationships("{}"), relationships(#"{"chroma":[]}"#), relationships(#"{"chroma":null}"#)] {
      var environment = ["PLATFORM_APPLICATION": "e30=", "CHROMA_PORT": "80"]
      environment["PLATFORM_RELATIONSHIPS"] = text
      let error = #expect(throws: ClientConfigurationError.self) { try self.place(environment) }
      #expect(error?.name == "PLATFORM_RELATIONSHIPS")
      #expect(error?.message.contains("\"chroma\"") == true)
    }
    let text = relationships(#"{"chroma":[{"host":"chroma.internal","port":80}]}"#)
    #expect(
      try place(["PLATFORM_APPLICATION": "e30=", "PLATFORM_RELATIONSHIPS": text]) == server("chroma.internal", 80))
    #expect(try place(["PLATFORM_APPLICATION": "e30=", "CHROMA_HOST": "db"]) == server("db", 8000))
  }

  @Test(
    "A wrong value is named with its variable",
    arguments: [
      ("CHROMA_PORT", "tcp://10.0.0.1:8000"), ("CHROMA_PORT", "0"), ("CHROMA_PORT", "65536"), ("CHROMA_PORT", " 80"),
      ("CHROMA_SSL", "maybe"), ("CHROMA_HOST", "http://db"), ("CHROMA_HOST", "db:8000"), ("CHROMA_HOST", "a b"),
      ("CHROMA_HOST", "user@db"), ("CHROMA_HOST", "db/path"), ("CHROMA_AUTH_TOKEN_TRANSPORT_HEADER", "Cookie"),
    ])
  func wrongValues(name: String, value: String) {
    let error = #expect(throws: ClientConfigurationError.self) {
      try self.place(["CHROMA_HOST": "db"].merging([name: value]) { $1 })
    }
    #expect(error?.name == name)
    #expect(error?.message.hasPrefix("\(name) must be ") == true)
    #expect(error?.message.hasSuffix("not \"\(value)\"") == true)
  }

  @Test(
    "Relationships that cannot be read are named",
    arguments: [
      "not base64 !", Data("[]".utf8).base64EncodedString(), Data("{".utf8).base64EncodedString(),
      Data(#"{"chroma":[{}]}"#.utf8).base64EncodedString(), Data(#"{"chroma":[7]}"#.utf8).base64EncodedString(),
      Data(#"{"chroma":[{"host":"a b"}]}"#.utf8).base64EncodedString(),
      Data(#"{"chroma":[{"host":"db","port":70000}]}"#.utf8).base64EncodedString(),
      Data(#"{"chroma":[{"host":"db","port":{}}]}"#.utf8).base64EncodedString(),
      Data(#"{"chroma":[{"host":"db","scheme":"ftp"}]}"#.utf8).base64EncodedString(),
    ])
  func wrongRelationships(text: String) {
    let error = #expect(throws: ClientConfigurationError.self) {
      try self.place(["PLATFORM_RELATIONSHIPS": text])
    }
    #expect(error?.message.hasPrefix("PLATFORM_RELATIONSHIPS ") == true)
  }

  @Test("Wrong arguments are named too")
  func wrongArguments() {
    #expect(throws: ClientConfigurationError.self) { try ClientConfiguration(host: "", environment: [:]) }
    #expect(throws: ClientConfigurationError.self) { try ClientConfiguration(host: "db", port: 0, environment: [:]) }
    #expect(throws: ClientConfigurationError.self) { try ClientConfiguration(token: "", environment: [:]) }
  }

  @Test("A token may end in a line break, and is never shown")
  func token() throws {
    let configuration = try ClientConfiguration(
      environment: ["CHROMA_HOST": "db", "CHROMA_AUTH_TOKEN": "top-secret\n"])
    #expect(configuration.token == "top-secret")
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(text.contains("http://db:8000"))
      #expect(!text.contains("top-secret"))
    }
    for wrong in ["two words", "umläut", "a\nb", "\u{7f}"] {
      let error = #expect(throws: ClientConfigurationError.self) {
        try ClientConfiguration(environment: ["CHROMA_AUTH_TOKEN": wrong])
      }
      #expect(error?.name == "CHROMA_AUTH_TOKEN")
      #expect(error?.message.contains(wrong) == false)
    }
  }

  @Test(
    "Header names are those the server reads",
    arguments: [
      ("Authorization", TokenHeader.authorization), ("AUTHORIZATION", .authorization), ("X-Chroma-Token", .chromaToken),
      ("X_CHROMA_TOKEN", .chromaToken), ("x-chroma-token", .chromaToken),
    ])
  func headers(text: String, header: TokenHeader) throws {
    let environment = ["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER": text]
    #expect(try ClientConfiguration(environment: environment).tokenHeader == header)
  }
}
