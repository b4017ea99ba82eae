import Testing

@testable import myapp

@Suite("Citations")
struct CitationsTests {
  @Test(
    "Numbers of sources count, each once and in order; others do not",
    arguments: [
      ("Owls hunt [2]. They see [1] well [2].", 3, [2, 1]), ("Both [1, 3].", 3, [1, 3]),
      ("None [4] [0] [x] 1 [].", 3, []),
      ("[1", 3, []), ("]1[", 3, []), ("[99999999999999999999]", 3, []), ("[1]", 0, []), ("[[2]]", 2, [2]),
      ("[see 2]", 2, []),
    ])
  func numbers(text: String, sources: Int, expected: [Int]) {
    #expect(Citations.numbers(in: text, sources: sources) == expected)
  }
}
