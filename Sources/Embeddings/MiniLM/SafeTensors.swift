import ChromaModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Named float32 arrays in a mapped file: eight bytes with the length of a JSON header, the header, the numbers.
///
/// Nothing of the file is believed: lengths, names, shapes and places are checked before a byte is read. The file must
/// not be shortened while it is mapped.
///
/// Sendable since the mapping is only read. Source: https://huggingface.co/docs/safetensors
final class SafeTensors: @unchecked Sendable {
  private let path: String
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let dataStart: Int
  private let entries: [String: JSONValue]

  static let maximumHeaderBytes = 1 << 20

  init(path: String) throws(EmbeddingError) {
    self.path = path
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    let count = Int(status.st_size)
    guard status.st_mode & S_IFMT == S_IFREG, count > 8 else {
      throw .malformed(path: path, reason: "it is no file of more than 8 bytes")
    }
    guard let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), memory != MAP_FAILED else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    do throws(EmbeddingError) {
      let length = UInt64(littleEndian: memory.loadUnaligned(as: UInt64.self))
      guard length <= UInt64(min(count - 8, Self.maximumHeaderBytes)) else {
        throw .malformed(path: path, reason: "a header of \(length) bytes in a file of \(count)")
      }
      dataStart = 8 + Int(length)
      let header = [UInt8](UnsafeRawBufferPointer(start: memory + 8, count: Int(length)))
      do throws(JSONError) {
        guard case .object(let entries) = try JSONValue(parsing: header) else {
          throw JSONError(offset: 0, reason: "no object")
        }
        self.entries = entries
      } catch {
        throw .malformed(path: path, reason: "its header is not what it should be: \(error)")
      }
    } catch {
      munmap(memory, count)
      throw error
    }
    self.memory = memory
    byteCount = count
  }

  deinit { munmap(memory, byteCount) }

  /// The numbers of one array, row after row. They live as long as this object.
  ///
  /// - Throws: `.malformed` when there is no such array, or it has another type or shape, or does not lie in the file.
  func floats(_ name: String, shape: [Int]) throws(EmbeddingError) -> UnsafePointer<Float> {
    guard let entry = entries[name] else { throw .malformed(path: path, reason: "it has no array \(name)") }
    guard entry["dtype"] == .string("F32") else {
      throw .malformed(path: path, reason: "\(name) is not of type F32")
    }
    guard entry["shape"] == .array(shape.map { .int(Int64($0)) }) else {
      throw .malformed(path: path, reason: "\(name) has not the shape \(shape)")
    }
    guard case .array(let offsets)? = entry["data_offsets"], offsets.count == 2, case .int(let first) = offsets[0],
      case .int(let last) = offsets[1], first >= 0, first <= last, last <= Int64(byteCount - dataStart)
    else { throw .malformed(path: path, reason: "\(name) does not lie in the file") }
    // Shapes are this module's own constants: their product is small.
    guard last - first == Int64(shape.reduce(4, *)), (dataStart + Int(first)) % 4 == 0 else {
      throw .malformed(path: path, reason: "\(name) lies from \(first) to \(last), which does not fit \(shape)")
    }
    return UnsafeRawPointer(memory + dataStart + Int(first)).assumingMemoryBound(to: Float.self)
  }
}
