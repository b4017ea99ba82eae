import Hummingbird
import Logging
import NIOCore

/// What Hummingbird hands over with a request: its connection.
package struct ServerContext: InitializableFromSource, Sendable {
  let channel: any Channel

  package init(source: ApplicationRequestContextSource) { channel = source.channel }
}
