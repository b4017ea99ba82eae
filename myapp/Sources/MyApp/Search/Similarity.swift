enum Similarity {
  /// Of two vectors of one length, whatever their norms; 0 when one of them is 0.
  static func cosine(_ left: some Sequence<Float>, _ right: some Sequence<Float>) -> Double {
    var product: Float = 0
    var leftSquares: Float = 0
    var rightSquares: Float = 0
    for (a, b) in zip(left, right) {
      product += a * b
      leftSquares += a * a
      rightSquares += b * b
    }
    let norms = (leftSquares * rightSquares).squareRoot()
    return norms > 0 ? Double(product / norms) : 0
  }
}
