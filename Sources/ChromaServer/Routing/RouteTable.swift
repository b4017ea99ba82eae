import HTTPTypes

/// All routes, arranged so that a path finds its own in one step per segment.
///
/// Invariant: no two routes share method and pattern.
package struct RouteTable: Sendable {
  package let routes: [Route]
  private var nodes: [Node] = [Node()]

  private struct Node: Sendable {
    var literals: [Substring: Int] = [:]
    var parameter: Int?
    var routes: [Route] = []
    var rest: [Route] = []
  }

  package init(_ routes: [Route]) {
    self.routes = routes
    for route in routes { insert(route) }
  }

  private mutating func insert(_ route: Route) {
    var node = 0
    for segment in route.pattern.segments {
      switch segment {
      case .literal(let text):
        if let next = nodes[node].literals[text[...]] {
          node = next
        } else {
          nodes.append(Node())
          nodes[node].literals[text[...]] = nodes.count - 1
          node = nodes.count - 1
        }
      case .parameter:
        if let next = nodes[node].parameter {
          node = next
        } else {
          nodes.append(Node())
          nodes[node].parameter = nodes.count - 1
          node = nodes.count - 1
        }
      case .rest:
        nodes[node].rest.append(route)
        return
      }
    }
    nodes[node].routes.append(route)
  }

  package enum Match: Sendable {
    /// The route and the raw text of its pattern's parameters.
    case found(Route, [Substring])
    case wrongMethod(allowed: [HTTPRequest.Method])
    case notFound
  }

  /// The route for a request, found by the path as it was sent: percent escapes count as they stand.
  ///
  /// A literal segment goes before a parameter. One trailing slash is let pass. `HEAD` finds what `GET` finds.
  package func match(_ method: HTTPRequest.Method, path: String) -> Match {
    var segments = path.split(separator: "/", omittingEmptySubsequences: false)[...]
    if segments.first?.isEmpty == true { segments.removeFirst() }
    if segments.count > 1, segments.last?.isEmpty == true { segments.removeLast() }
    if segments.count == 1, segments.first?.isEmpty == true { segments.removeLast() }
    var values: [Substring] = []
    guard let routes = find(segments, from: 0, &values) else { return .notFound }
    let wanted = method == .head ? .get : method
    if let route = routes.first(where: { $0.method == nil || $0.method == wanted || $0.method == method }) {
      return .found(route, values)
    }
    var allowed = routes.compactMap(\.method)
    if allowed.contains(.get) { allowed.append(.head) }
    return .wrongMethod(allowed: allowed)
  }

  private func find(_ segments: ArraySlice<Substring>, from index: Int, _ values: inout [Substring]) -> [Route]? {
    let node = nodes[index]
    guard let segment = segments.first else { return node.routes.isEmpty ? nil : node.routes }
    if let next = node.literals[segment], let routes = find(segments.dropFirst(), from: next, &values) { return routes }
    if let next = node.parameter, !segment.isEmpty {
      values.append(segment)
      if let routes = find(segments.dropFirst(), from: next, &values) { return routes }
      values.removeLast()
    }
    guard !node.rest.isEmpty else { return nil }
    values.append(segments.joined(separator: "/")[...])
    return node.rest
  }
}
