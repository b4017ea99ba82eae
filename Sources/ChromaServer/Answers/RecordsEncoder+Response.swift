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
        var encoder = rest
        var part = JSONWriter(reserving: partSize + 64 * 1024)
        var isFinished = false
        while !isFinished {
          part.bytes.removeAll(keepingCapacity: true)
          isFinished = encoder.write(to: &part, size: partSize)
          try await writer.write(ByteBuffer(bytes: part.bytes))
        }
        try await writer.finish(nil)
      })
  }
}
