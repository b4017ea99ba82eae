import CMemory
import CVectorKernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zeroed chunks of equal size, addressed by number, that stay where they are until the table goes away.
///
/// Readers take `base` once and index it without a lock. Growth publishes a longer list of addresses and keeps the old
/// one for readers that still hold it: the lists double, so all old ones together are shorter than the newest.
/// Memory is mapped on first touch, so an untouched chunk costs address space only.
///
/// `@unchecked Sendable`: the list is published by an atomic store after its chunks exist, and changed nowhere else;
/// what is inside the chunks is guarded by their users.
final class ChunkTable: @unchecked Sendable {
  typealias Base = UnsafeMutablePointer<UnsafeMutableRawPointer>

  let chunkBytes: Int
  private let published = Atomic<Base?>(nil)
  private let state = Mutex(State())

  private struct State {
    var count = 0
    var capacity = 0
    var lists: [UInt] = []
    var mapped: [UInt] = []
    /// Chunks whose pages are a file's: adopted, or replaced.
    var ofFiles: Set<Int> = []
    var owners: [any AnyObject & Sendable] = []
  }

  /// - Parameter chunkBytes: a multiple of the page size is best.
  init(chunkBytes: Int) { self.chunkBytes = chunkBytes }

  deinit {
    state.withLock { state in
      for address in state.mapped { munmap(UnsafeMutableRawPointer(bitPattern: address), chunkBytes) }
      for address in state.lists { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }
  }

  /// The chunks' addresses. Only for a caller that knows of at least one chunk; what it knows of is in the list.
  @inline(__always)
  var base: Base { published.load(ordering: .acquiring).unsafelyUnwrapped }

  var isEmpty: Bool { published.load(ordering: .acquiring) == nil }

  /// Maps chunks until there are `count`. Gives false when the system refuses memory.
  func grow(to count: Int) -> Bool {
    state.withLock { state in
      while state.count < count {
        guard let address = mapChunk() else { return false }
        state.mapped.append(address)
        append(address, to: &state)
      }
      return true
    }
  }

  /// Takes a chunk from elsewhere (a mapped file), read only, and keeps its owner alive.
  func adopt(_ chunk: UnsafeRawPointer, owner: any AnyObject & Sendable) {
    state.withLock { state in
      state.owners.append(owner)
      state.ofFiles.insert(state.count)
      append(UInt(bitPattern: chunk), to: &state)
    }
  }

  /// Maps a file's pages, which hold the chunk's bytes, over the chunk: readers notice nothing, and its memory goes back
  /// to the system. The chunk must not be written to any more.
  ///
  /// - Parameter file: a shared mapping of `chunkBytes` bytes; it may be unmapped afterwards.
  /// - Returns: whether the chunk's pages are the file's now; where not, it is as it was.
  func replace(_ chunk: Int, with file: UnsafeRawBufferPointer) -> Bool {
    guard file.count == chunkBytes, let source = file.baseAddress else { return false }
    return state.withLock { state in
      guard chunk < state.count, !state.ofFiles.contains(chunk) else { return chunk < state.count }
      guard cm_map_over(base[chunk], UnsafeMutableRawPointer(mutating: source), chunkBytes) else { return false }
      state.ofFiles.insert(chunk)
      return true
    }
  }

  /// Chunks whose pages are a file's.
  var fileChunkCount: Int { state.withLock { $0.ofFiles.count } }

  private func append(_ address: UInt, to state: inout State) {
    if state.count == state.capacity {
      let capacity = max(4, state.capacity * 2)
      let bytes = capacity * MemoryLayout<UnsafeMutableRawPointer>.stride
      let list = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        .bindMemory(to: UnsafeMutableRawPointer.self, capacity: capacity)
      if let old = published.load(ordering: .relaxed) { list.update(from: old, count: state.count) }
      state.lists.append(UInt(bitPattern: list))
      state.capacity = capacity
      list[state.count] = UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
      published.store(list, ordering: .releasing)
    } else if let list = published.load(ordering: .relaxed) {
      list[state.count] = UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
    }
    state.count += 1
  }

  /// Asks for huge pages as items grow from `old` to `new`: fewer misses in the address cache, 2 MB resident at the
  /// first touch. The first chunk gets them once a quarter of it is used, so that a small index does not pay that;
  /// later ones from their first item.
  ///
  /// - Parameter itemsPerChunk: at least 4. The chunks of the first `new` items exist.
  func useHugePages(from old: Int, to new: Int, itemsPerChunk: Int) {
    #if os(Linux)
      guard chunkBytes >= 2 << 20, new > old else { return }
      let base = base
      let quarter = itemsPerChunk / 4
      if old < quarter, new >= quarter { madvise(base[0], chunkBytes, Int32(MADV_HUGEPAGE)) }
      let started = (old + itemsPerChunk - 1) / itemsPerChunk
      for chunk in started..<(new + itemsPerChunk - 1) / itemsPerChunk where chunk > 0 {
        madvise(base[chunk], chunkBytes, Int32(MADV_HUGEPAGE))
      }
    #endif
  }

  private func mapChunk() -> UInt? {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | noReserve
    let address = mmap(nil, chunkBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let address, address != MAP_FAILED else { return nil }
    return UInt(bitPattern: address)
  }

  private var noReserve: Int32 {
    #if os(Linux)
      MAP_NORESERVE
    #else
      0
    #endif
  }
}

#if canImport(Darwin)
  private let MAP_ANONYMOUS = MAP_ANON
#endif
