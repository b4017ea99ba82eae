import ChromaModel
import Hummingbird
import NIOCore

extension Response {
  /// An answer in one piece when it is small, else in parts, each sent when the client has taken what came before.
  init(_ records: RecordsEncoder, partSize: Int = 256 * 1024) {
    var encoder = records
    var first = JSONWriter(reserving: 4096)
    guard !encoder.write(to: &first, size: partSize) else {
      self.init(first)
      return
    }
    let (rest, head) = (encoder, ByteBuffer(bytes: first.bytes))
    self.init(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody { writer in
        try await writer.write(head)
        var (encoder, isFinished) = (rest, false)
        while !isFinished {
          // Not on the event loop: it would write part after part, and do nothing else meanwhile.
          let (part, next, isLast) = await withTaskExecutorPreference(globalConcurrentExecutor) {
            [encoder] in
            var (encoder, part) = (encoder, JSONWriter(reserving: partSize + 64 * 1024))
            let isLast = encoder.write(to: &part, size: partSize)
            return (ByteBuffer(bytes: part.bytes), encoder, isLast)
          }
          (encoder, isFinished) = (next, isLast)
          try await writer.write(part)
        }
        try await writer.finish(nil)
      })
  }
}
