import HTTPTypes
import Hummingbird

/// Everything the service answers. `web/openapi.json` describes it; a test holds the two together.
func makeRouter(_ service: Service) -> Router<BasicRequestContext> {
  let router = Router(context: BasicRequestContext.self)
  router.add(middleware: SecurityHeaders())
  router.add(middleware: HostCheck(service.settings))
  SearchRoutes(service: service).add(to: router)
  LibraryRoutes(service: service).add(to: router)
  IngestRoutes(service: service).add(to: router)
  AskRoutes(service: service).add(to: router)
  UseRoutes(service: service).add(to: router)
  SystemRoutes(service: service).add(to: router)
  return router
}

extension Request {
  var query: QueryItems { QueryItems(uri.query) }
}
