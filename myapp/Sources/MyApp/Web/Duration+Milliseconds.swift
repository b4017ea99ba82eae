extension Duration {
  /// To two places.
  var milliseconds: Double {
    let exact = Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    return (exact * 100).rounded() / 100
  }
}
