import AccessFuzz
import Foundation
import Testing

@Suite("Whatever comes from outside")
struct FuzzTests {
  /// Ten million: `swift run -c release access-fuzz --executions 10000000`.
  @Test("is read or refused, and lets in nobody who does not show a known credential", arguments: [1, 2] as [UInt64])
  func fuzz(seed: UInt64) async throws {
    let executions = ProcessInfo.processInfo.environment["CHROMA_FUZZ_EXECUTIONS"].flatMap { Int($0) } ?? 10_000
    let report = try await AccessFuzz.run(executions: executions, seed: seed)
    for (name, count) in report.executions where count > 500 {
      // All refused or all accepted would be no test.
      let accepted = report.accepted[name] ?? 0
      #expect(accepted > count / 100 && accepted < count, "seed \(seed): \(accepted) of \(count) \(name)")
    }
  }
}
