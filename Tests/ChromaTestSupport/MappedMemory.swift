import Foundation

/// What this process has mapped, line by line as the kernel tells it (proc(5)).
package enum MappedMemory {
  /// - Throws: what reading throws; `CocoaError` where there is no such file.
  package static func lines() throws -> [String] {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/maps") else { throw CocoaError(.fileNoSuchFile) }
    var bytes = Data()
    // The system gives a page at a time, which is not the end.
    while let piece = try file.read(upToCount: 4_096), !piece.isEmpty { bytes += piece }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
