import ArgumentParser
import Foundation

/// Runs `body`; what it throws ends the program with one sentence and status 78 (a configuration that cannot be used).
func orExit<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
  do {
    return try await body()
  } catch {
    printError("\(error)")
    throw ExitCode(78)
  }
}

/// One line on standard error for whoever started the program.
func printError(_ message: String) { FileHandle.standardError.write(Data("myapp: \(message)\n".utf8)) }
