import Foundation

/// Why a file cannot be read, in words for the person who sent it.
public enum DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing here reads such files.
  case unsupported(name: String)
  /// The file is whole and says nothing.
  case empty(reason: String)
  /// A program that reads this kind is not installed.
  case missingTool(name: String, howToInstall: String)
  /// The file is not what its kind should be.
  case damaged(reason: String)
  /// The file wants a password.
  case encrypted(reason: String)
  /// `what` exceeds `limit`, counted in `unit`.
  case tooLarge(what: String, limit: Int, unit: String)
  /// A program took longer than it may.
  case timedOut(tool: String, seconds: Double)
  /// Nothing is wrong with the file: a program or the disk failed.
  case failed(reason: String)

  public var description: String {
    switch self {
    case .unsupported(let name):
      "\(name) is of no kind that can be read; these are: \(FileKind.fileExtensions.joined(separator: ", "))"
    case .empty(let reason), .damaged(let reason), .encrypted(let reason), .failed(let reason): reason
    case .missingTool(let name, let howToInstall): "\(name) is not installed here: \(howToInstall)"
    case .tooLarge(let what, let limit, let unit): "\(what) is larger than \(limit) \(unit): cut it into several files"
    case .timedOut(let tool, let seconds):
      "\(tool) took longer than \(seconds.formatted()) seconds: the file is damaged, or very large"
    }
  }
}
