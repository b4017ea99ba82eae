import Testing

@testable import myapp

@Suite("Follow-up questions")
struct FollowUpTests {
  private static let history = [
    Turn(question: "How do bees keep warm?", answer: "They shiver."),
    Turn(question: "And what do they eat?", answer: "Honey."),
  ]

  @Test(
    "A question that leans on what was said is searched with the last that stood by itself",
    arguments: ["And in summer?", "How long does it last?", "Why?", "What about wasps?", "Do they sleep?"])
  func leaning(question: String) {
    #expect(
      FollowUp.standalone(Question(text: question, history: Self.history)) == "How do bees keep warm? " + question)
  }

  @Test(
    "A question with a subject of its own is searched as it is",
    arguments: ["How are violins tuned?", "Who built Venice?"])
  func standing(question: String) {
    #expect(FollowUp.standalone(Question(text: question, history: Self.history)) == question)
  }

  @Test("Without history there is nothing to lean on")
  func first() { #expect(FollowUp.standalone(Question(text: "And then?")) == "And then?") }
}
