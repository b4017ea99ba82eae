import ChromaAccess
import ChromaModel
import HTTPTypes
import Hummingbird
import NIOCore

extension Route {
  /// Pages that list the other routes; made from the table when asked for.
  static let documentation: [Route] = [
    Route(.get, "/docs", .open, "This list") { call in
      Response(
        status: .ok, headers: .page,
        body: ResponseBody(
          byteBuffer: ByteBuffer(string: RouteTable.serving(call.configuration.classicClients).htmlList)))
    },
    Route(.get, "/openapi.json", .open, "The routes as an OpenAPI document") { call in
      Response(
        RouteTable.serving(call.configuration.classicClients).openAPI(version: call.configuration.version))
    },
  ]
}

extension HTTPFields {
  /// A page that runs nothing, loads nothing and is shown in no frame.
  fileprivate static let page: HTTPFields = [
    .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    .xContentTypeOptions: "nosniff", .frameOptions: "DENY", .referrerPolicy: "no-referrer",
    .cacheControl: "no-store",
  ]
}

extension HTTPField.Name {
  static let frameOptions = HTTPField.Name("x-frame-options") ?? .eTag
  static let referrerPolicy = HTTPField.Name("referrer-policy") ?? .eTag
}

extension RouteTable {
  fileprivate var htmlList: String {
    let rows = routes.map { route in
      let method = (route.method?.rawValue ?? "any").htmlEscaped
      return
        "<tr><td>\(method)<td><code>\(route.pattern.description.htmlEscaped)</code><td>\(route.summary.htmlEscaped)"
    }
    return """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Routes</title>
      <h1>Routes</h1><p><a href="openapi.json">openapi.json</a>
      <table>\(rows.joined(separator: "\n"))</table></html>
      """
  }

  /// OpenAPI 3.1: paths, parameters and summaries. Bodies are said to be JSON objects and no more.
  func openAPI(version: String) -> JSONValue {
    var paths: [String: [String: JSONValue]] = [:]
    for route in routes {
      guard let method = route.method else { continue }
      paths[route.pattern.description, default: [:]][method.rawValue.lowercased()] = route.openAPIOperation
    }
    return [
      "openapi": "3.1.0", "info": ["title": "chroma", "version": .string(version)],
      "paths": .object(paths.mapValues(JSONValue.object)),
    ]
  }
}

extension Route {
  fileprivate var openAPIOperation: JSONValue {
    var operation: [String: JSONValue] = [
      "summary": .string(summary),
      "responses": [
        "2XX": ["description": "Done"],
        "default": [
          "description": "An error",
          "content": [
            "application/json": [
              "schema": [
                "type": "object", "required": ["error", "message"],
                "properties": ["error": ["type": "string"], "message": ["type": "string"]],
              ]
            ]
          ],
        ],
      ],
    ]
    func parameter(_ name: String, in place: String) -> JSONValue {
      ["name": .string(name), "in": .string(place), "required": .bool(place == "path"), "schema": ["type": "string"]]
    }
    let inQuery: [String] =
      switch scope {
      case .query: ["tenant", "database"]
      case .tenantInQuery: ["tenant"]
      case .path, .crn, .collectionID: []
      }
    let parameters =
      pattern.parameters.map { parameter($0, in: "path") }
      + inQuery.filter { !pattern.parameters.contains($0) }.map { parameter($0, in: "query") }
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    if method == .post || method == .put || method == .patch {
      operation["requestBody"] = ["content": ["application/json": ["schema": ["type": "object"]]]]
    }
    if case .action(let action) = access { operation["x-chroma-action"] = .string(action.rawValue) }
    return .object(operation)
  }
}

extension String {
  fileprivate var htmlEscaped: String {
    var escaped = ""
    for character in self {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
