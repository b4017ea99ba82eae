import AccessFuzz
import Foundation

/// access-fuzz [--executions N] [--seed N]
func option(_ name: String) -> UInt64? {
  guard let index = CommandLine.arguments.firstIndex(of: name), index + 1 < CommandLine.arguments.count else {
    return nil
  }
  return UInt64(CommandLine.arguments[index + 1])
}

let executions = Int(clamping: option("--executions") ?? 1_000_000)
let seed = option("--seed") ?? UInt64.random(in: 0...UInt64.max)
print("access-fuzz --executions \(executions) --seed \(seed)")
let clock = ContinuousClock()
let start = clock.now
do {
  let report = try await AccessFuzz.run(executions: executions, seed: seed)
  for (name, count) in report.executions.sorted(by: { $0.key < $1.key }) {
    print("\(name): \(count), accepted \(report.accepted[name] ?? 0)")
  }
  print("no property was broken in \(clock.now - start)")
} catch {
  print("\(error)")
  exit(1)
}
