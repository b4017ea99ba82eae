import ChromaModel
import Testing

@testable import ChromaServer

@Suite("A collection as clients before 1.0 read it")
struct CollectionInfoClassicTests {
  private func collection(_ change: (inout HNSWSettings) -> Void = { _ in }) -> CollectionInfo {
    var schema = Schema.standard
    var settings = HNSWSettings.defaults
    change(&settings)
    schema.keys[Schema.embeddingKey]?.vector?.hnsw = settings
    return CollectionInfo(
      id: .zero, name: "abc", path: DatabasePath(), metadata: ["k": .float(2)], dimension: 3, schema: schema)
  }

  private func members(_ json: JSONValue?) throws -> [String: JSONValue] {
    guard case .object(let members)? = json else {
      Issue.record("no object")
      return [:]
    }
    return members
  }

  @Test("It has the members they know and no other")
  func members() throws {
    let full = try members(collection().classicJSON)
    #expect(
      Set(full.keys) == [
        "id", "name", "configuration_json", "metadata", "dimension", "tenant", "database", "version",
      ])
    #expect(full["dimension"] == 3 && full["version"] == 0 && full["metadata"] == ["k": 2.0])
    let least = try members(collection().earliestJSON)
    #expect(Set(least.keys) == ["id", "name", "metadata", "tenant", "database"])
    for (name, value) in least { #expect(full[name] == value) }
  }

  @Test("The configuration says what is set, with the type of every member")
  func configuration() throws {
    let json = collection { $0.maxNeighbors = 32 }.schema.classicConfigurationJSON
    #expect(json["_type"] == "CollectionConfigurationInternal")
    var settings = try members(json["hnsw_configuration"])
    #expect(settings.removeValue(forKey: "num_threads") != nil)
    #expect(
      settings == [
        "space": "l2", "ef_construction": 100, "ef_search": 100, "M": 32, "resize_factor": 1.2, "batch_size": 100,
        "sync_threshold": 1000, "_type": "HNSWConfigurationInternal",
      ])
  }

  @Test("What they would refuse is brought within their limits")
  func clamping() throws {
    let json = collection {
      $0.efConstruction = 0
      $0.efSearch = 0
      $0.numThreads = 0
      $0.maxNeighbors = 0
      $0.resizeFactor = 0
      $0.syncThreshold = 0
      $0.batchSize = 50
    }.schema.classicConfigurationJSON
    let settings = try members(json["hnsw_configuration"])
    for name in ["ef_construction", "ef_search", "num_threads", "M", "sync_threshold", "batch_size"] {
      #expect(settings[name] == 1, "\(name)")
    }
    #expect(settings["resize_factor"] == 1.0)
    #expect(json.text.contains(#""resize_factor":1.0"#), "a fraction, also on the wire")
  }
}
