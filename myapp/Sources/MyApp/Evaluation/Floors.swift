/// What the sample must keep up. Measured values stand in myapp/README.md.
enum Floors {
  static let denseRecallAt5 = 0.85
  /// Of the unanswerable questions.
  static let refusals = 12.0 / 15
  /// Of the answerable ones: refusing everything is no achievement.
  static let wrongRefusals = 0.2

  /// One sentence for each floor that is broken.
  static func complaints(_ evaluation: Evaluation) -> [String] {
    var complaints: [String] = []
    let dense = evaluation.rows[.dense] ?? .init()
    let better = max(dense.ndcg, evaluation.rows[.keyword]?.ndcg ?? 0)
    let fused = evaluation.rows[.fused]?.ndcg ?? 0
    if dense.recallAt5 < denseRecallAt5 {
      complaints.append("dense recall@5 is \(dense.recallAt5), below \(denseRecallAt5)")
    }
    if fused < better { complaints.append("fused nDCG is \(fused), below \(better) of the better list alone") }
    if Double(evaluation.refused) < refusals * Double(evaluation.unanswerable) {
      complaints.append(
        "\(evaluation.refused) of \(evaluation.unanswerable) unanswerable questions refused, below \(refusals)")
    }
    if Double(evaluation.wronglyRefused) > wrongRefusals * Double(evaluation.answerable) {
      complaints.append(
        "\(evaluation.wronglyRefused) of \(evaluation.answerable) answerable questions refused, above \(wrongRefusals)")
    }
    return complaints
  }
}
