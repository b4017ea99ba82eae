import ChromaClient
import Testing

@testable import myapp

@Suite("Recommendation, classification and duplicates", .enabled(if: TestModel.isThere, TestModel.reason))
struct UsesTests {
  private static let documents = [
    ("owl.md", "birds", "Owls hunt mice at night and fly without a sound."),
    ("hawk.md", "birds", "A hawk hunts by day and sees a mouse from high above."),
    ("sparrow.md", "birds", "Sparrows nest under roof tiles and eat seeds."),
    ("bread.md", "kitchen", "Knead the dough until it is smooth, then let it rise."),
    ("cake.md", "kitchen", "Whisk eggs and sugar, fold in flour and bake the cake."),
    ("soup.md", "kitchen", "Simmer onions and carrots for an hour for a clear soup."),
  ]

  private func run(_ body: (TestLibrary, (String) -> String) async throws -> Void) async throws {
    try await TestLibrary.run { (test) async throws in
      for (name, topic, text) in Self.documents { try await test.add(name, text, topic: topic) }
      try await body(test) { DocumentFacts.passageID(source: $0, ordinal: 0) }
    }
  }

  @Test("More like what is liked, less like what is disliked, and never the examples themselves")
  func recommendation() async throws {
    try await run { (test, id) async throws in
      let recommendation = Recommendation(library: test.library)
      let liked = try await recommendation.hits(liked: [id("owl.md")], disliked: [], limit: 5)
      #expect(liked.first?.passage.source == "hawk.md" && liked.count == 5)
      #expect(!liked.contains { $0.passage.source == "owl.md" })
      let kitchen = try await recommendation.hits(
        liked: [id("bread.md"), id("cake.md")], disliked: [id("owl.md")], limit: 3)
      #expect(kitchen.first?.passage.source == "soup.md")
      let away = try await recommendation.hits(liked: [], disliked: [id("owl.md")], limit: 1)
      #expect(away.first?.passage.topic == "kitchen")
      await #expect(throws: UnknownPassage(id: "nobody")) {
        try await recommendation.hits(liked: ["nobody"], disliked: [], limit: 3)
      }
    }
  }

  @Test("A new text gets the label of its neighbours, with shares that add up")
  func classification() async throws {
    try await run { (test, _) async throws in
      let result = try await Classification.classify("Falcons dive on pigeons", neighbours: 4, library: test.library)
      #expect(result.label == "birds" && result.neighbours.count == 4)
      #expect(abs(result.votes.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
      #expect(result.votes.reduce(0) { $0 + $1.count } == 4)
      #expect(Classification(neighbours: []).label == nil)
    }
  }

  @Test("Near duplicates are found once each, with progress to the end; the limit ends the search")
  func duplicates() async throws {
    try await run { (test, _) async throws in
      try await test.add("owl2.md", "Owls hunt mice by night and fly without any sound.", topic: "birds")
      try await test.add("soup2.md", "Simmer carrots and onions for one hour for a clear soup.", topic: "kitchen")
      var pairs: [Duplicates.Pair] = []
      var last = (0, 0)
      let compared = try await Duplicates(library: test.library).find(threshold: 0.9, limit: 10, topic: nil) { event in
        switch event {
        case .pair(let pair): pairs.append(pair)
        case .progress(let done, let total): last = (done, total)
        }
      }
      #expect(
        Set(pairs.map { Set([$0.first.source, $0.second.source]) }) == [
          ["owl.md", "owl2.md"], ["soup.md", "soup2.md"],
        ])
      #expect(pairs.count == 2 && compared == 8 && last == (8, 8))
      var some = 0
      _ = try await Duplicates(library: test.library).find(threshold: 0.9, limit: 1, topic: "birds") { event in
        if case .pair = event { some += 1 }
      }
      #expect(some == 1)
    }
  }
}
