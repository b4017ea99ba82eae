/// How an ``Engine`` behaves. Every bound has a default that suits one machine.
public struct EngineConfiguration: Sendable {
  /// Whether `reset` may remove everything.
  public var allowsReset = false
  /// What a client is told to keep its batches under; larger ones are taken all the same.
  public var maxBatchSize = 5461
  /// Collections kept open at once. Each holds two file descriptors.
  public var maxOpenCollections = 256
  /// Memory that open collections may take, in bytes: above it idle ones are closed, and one that could not fit with what
  /// must stay in memory, codes and links, is not let grow.
  public var memoryBudget = 2 << 30
  /// What of it collections may take that are opened again in a millisecond or two, having too few rows for anything to be
  /// saved of them: idle ones are closed above this, however much memory there is.
  public var smallCollectionsMemory = 192 << 20
  /// Anonymous memory that the whole process may take, in bytes: near it writers are held back. `nil` for no bound: what
  /// else the process holds is not the engine's to judge.
  public var processMemoryBudget: Int?
  /// How long a write waits for memory before it is refused.
  public var memoryPatience: Duration = .seconds(5)
  /// Where the process's anonymous bytes are read; tests put their own in its place.
  package var measureMemory: @Sendable () -> Int = { ProcessMemory.current().anonymous }

  /// How long opening waits for another process to let go of the directory.
  public var leaseWait: Duration = .zero
  /// Called once when another process is found to have taken the directory over, which happens only where machines share
  /// a volume. Everything is refused from then on; a program that has nothing else to do should end without closing.
  public var whenDirectoryIsLost: @Sendable () -> Void = {}

  public init() {}

  /// Collections that fit into a limit on open files, with room for connections and for files being written.
  ///
  /// Each holds its database and its log; saved state is mapped, which takes no descriptor.
  public static func openCollections(withDescriptors limit: Int) -> Int { min(4096, max(8, (limit - 256) / 3)) }
}
