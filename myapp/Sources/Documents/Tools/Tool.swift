import Foundation

/// A program that reads a kind of file.
struct Tool {
  let name: String
  /// The Debian package it comes in.
  let package: String

  static let pdftotext = Tool(name: "pdftotext", package: "poppler-utils")
  static let unzip = Tool(name: "unzip", package: "unzip")

  /// Its path in the first directory of the search path that has it.
  func locate(in searchPath: String) throws(DocumentError) -> String {
    for directory in searchPath.split(separator: ":") where directory.hasPrefix("/") {
      let path = "\(directory)/\(name)"
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
        FileManager.default.isExecutableFile(atPath: path)
      {
        return path
      }
    }
    let how = "install \(package) (Debian, Ubuntu: apt-get install \(package); macOS: brew install \(brewName))"
    throw .missingTool(name: name, howToInstall: how)
  }

  private var brewName: String { package == "poppler-utils" ? "poppler" : package }
}
