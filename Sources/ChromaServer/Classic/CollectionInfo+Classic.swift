import ChromaModel

extension CollectionInfo {
  /// The collection as clients before 1.0 read it.
  ///
  /// No `schema`, on which 0.5.4 to 0.6.3 fail, and no `log_position`, on which 0.5.4 does.
  var classicJSON: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "configuration_json": schema.classicConfigurationJSON,
      "metadata": metadataJSON, "dimension": dimension.map { .int(Int64($0)) } ?? .null,
      "tenant": .string(path.tenant), "database": .string(path.database), "version": 0,
    ]
  }

  /// The collection as it stands in a list for clients before 0.5.1, which fail on any other member.
  var earliestJSON: JSONValue {
    [
      "id": .string(id.description), "name": .string(name), "metadata": metadataJSON,
      "tenant": .string(path.tenant), "database": .string(path.database),
    ]
  }
}

extension Schema {
  /// The settings of the graph as clients from 0.5.4 to 0.6.3 check them: whole numbers from 1, a factor from 1.0, no
  /// batch above the threshold.
  var classicConfigurationJSON: JSONValue {
    func atLeastOne(_ count: Int?) -> Int64 { Int64(max(1, count ?? 1)) }
    let threshold = atLeastOne(hnsw.syncThreshold)
    return [
      "hnsw_configuration": [
        "space": .string(space.rawValue), "ef_construction": .int(atLeastOne(hnsw.efConstruction)),
        "ef_search": .int(atLeastOne(hnsw.efSearch)), "num_threads": .int(atLeastOne(hnsw.numThreads)),
        "M": .int(atLeastOne(hnsw.maxNeighbors)), "resize_factor": .double(max(1, hnsw.resizeFactor ?? 1)),
        "batch_size": .int(min(threshold, atLeastOne(hnsw.batchSize))), "sync_threshold": .int(threshold),
        "_type": "HNSWConfigurationInternal",
      ],
      "_type": "CollectionConfigurationInternal",
    ]
  }
}
