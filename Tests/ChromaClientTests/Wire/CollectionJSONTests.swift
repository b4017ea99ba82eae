import ChromaModel
import NIOCore
import Testing

@testable import ChromaClient

@Suite("Collections on the wire")
struct CollectionJSONTests {
  private static let names =
    #""id":"c150c418-6960-4d62-b21a-6906069645a4","name":"things","tenant":"t12","database":"d12""#

  @Test("The index is read from the schema, from the configuration where there is none, else it is Chroma's")
  func index() throws {
    var schema = Schema.standard
    schema.keys[Schema.embeddingKey]?.vector?.space = .ip
    let hnsw = #""configuration_json":{"hnsw":{"space":"cosine","ef_search":7},"spann":null}"#
    for (members, space, efSearch) in [
      (#","schema":\#(schema.json.text),\#(hnsw)"#, Space.ip, 100), (#",\#(hnsw)"#, .cosine, 7),
      (#","schema":null,\#(hnsw)"#, .cosine, 7), (#","schema":{"from":"the future"},\#(hnsw)"#, .cosine, 7),
      ("", .l2, 100),
    ] {
      let info = try CollectionInfo(json: try JSONValue(parsing: "{\(Self.names)\(members)}"))
      #expect(info.schema.space == space)
      #expect(info.schema.hnsw.efSearch == efSearch)
      #expect(info.schema.hnsw.maxNeighbors == 16)
    }
  }

  @Test("Empty metadata is none, and a member that is missing is named")
  func members() throws {
    let info = try CollectionInfo(json: try JSONValue(parsing: "{\(Self.names),\"metadata\":{},\"dimension\":3}"))
    #expect(info.metadata == nil)
    #expect(info.dimension == 3)
    #expect(info.path == DatabasePath(tenant: "t12", database: "d12"))
    #expect(throws: ShapeProblem(member: "id")) { try CollectionInfo(json: ["name": "things"]) }
  }

  @Test("A request says what is set, and the server reads it back")
  func requests() throws {
    #expect(
      String(buffer: try CreateCollectionRequest(name: "things").json()) == #"{"name":"things","get_or_create":false}"#)
    var configuration = ConfigurationRequest()
    #expect(configuration.json == [:])
    configuration.space = .cosine
    #expect(configuration.json == ["hnsw": ["space": "cosine"]])
    configuration.hnsw = HNSWSettings()
    configuration.hnsw?.efSearch = 5
    configuration.hnsw?.resizeFactor = 1.5
    configuration.embeddingFunction = .known(name: "mine", configuration: [:])
    #expect(try ConfigurationRequest(json: configuration.json) == configuration)
    var spann = ConfigurationRequest()
    spann.hasSpann = true
    #expect(spann.json == ["spann": [:]])
    spann.space = .ip
    #expect(try ConfigurationRequest(json: spann.json) == spann)
    var update = ConfigurationUpdate()
    #expect(update.json == [:])
    update.hnsw = HNSWSettings()
    update.hnsw?.efSearch = 5
    update.embeddingFunction = .legacy
    #expect(try ConfigurationUpdate(json: update.json) == update)
    #expect(
      String(buffer: try UpdateCollectionRequest(newMetadata: ["a": nil]).json()) == #"{"new_metadata":{"a":null}}"#)
  }
}
