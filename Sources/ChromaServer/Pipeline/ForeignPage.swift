import HTTPTypes
import Hummingbird

/// Whether a request that changes something comes from a web page that has no business here.
///
/// Browsers send some requests without asking first (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches,
/// "simple" ones): any
/// page could write to a server that its reader can reach. They do say where the page is from. Programs do not.
func isFromForeignPage(_ request: Request, _ cors: CORSPolicy?) -> Bool {
  guard let origin = request.headers[.origin], ![.get, .head, .options].contains(request.method) else { return false }
  if cors?.allows(origin) ?? false { return false }
  guard let host = request.head.authority else { return true }
  let text = origin.lowercased()
  return text != "http://" + host.lowercased() && text != "https://" + host.lowercased()
}
