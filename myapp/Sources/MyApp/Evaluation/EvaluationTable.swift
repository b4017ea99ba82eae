import Foundation

/// The result as a table in Markdown.
enum EvaluationTable {
  static func text(_ evaluation: Evaluation) -> String {
    var lines = [
      "| ranking | recall@1 | recall@5 | recall@10 | MRR | nDCG@10 |", "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for mode in Evaluation.modes {
      let row = evaluation.rows[mode] ?? .init()
      let cells = [row.recallAt1, row.recallAt5, row.recallAt10, row.reciprocalRank, row.ndcg].map(three)
      lines.append("| \(mode.rawValue) | \(cells.joined(separator: " | ")) |")
    }
    lines.append("")
    lines.append(
      "\(evaluation.answerable) answerable questions, \(evaluation.wronglyRefused) of them refused; "
        + "\(evaluation.unanswerable) unanswerable, \(evaluation.refused) refused.")
    lines.append(
      "A search in all three ways: p50 \(three(at(0.5, evaluation.searches))) ms, p95 \(three(at(0.95, evaluation.searches))) ms."
    )
    return lines.joined(separator: "\n")
  }

  static func at(_ share: Double, _ sorted: [Double]) -> Double {
    sorted.isEmpty ? 0 : sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)]
  }

  private static func three(_ number: Double) -> String { String(format: "%.3f", number) }
}
