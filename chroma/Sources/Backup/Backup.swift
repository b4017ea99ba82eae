import ArgumentParser
import ChromaModel
import Foundation

/// `chroma backup`: copies of everything, made while the server runs, and the way back.
struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, list, check and restore backups.",
    discussion: """
      A backup is a directory such as chroma-20261121T162000Z-1a2b3c4d.chromabak with a copy of every database and a \
      manifest of their digests. It is made while the server reads and writes. It holds each collection as it was at \
      one moment, with every record acknowledged before the backup began. Search indexes are not in it: they are made again \
      when a restored directory is opened.

      EXAMPLES
        chroma run --path data --backup-dir backups
        chroma backup create --path data --backup-dir backups --keep 7
        chroma backup verify --backup-dir backups
        chroma backup list --backup-dir backups
        chroma backup restore backups/chroma-20261121T162000Z-1a2b3c4d.chromabak \\
          --path restored
        chroma run --path restored
      """,
    subcommands: [Create.self, List.self, Verify.self, Restore.self])
}

/// Prints one line of JSON on standard output.
func printJSON(_ value: JSONValue) { print(value.text) }

/// `1 record`, `2 records`
func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

/// `3 records in 1 collection, 12.3 MB`
func contents(_ summary: BackupSummary) -> String {
  "\(counted(summary.records, "record")) in \(counted(summary.collections, "collection")), \(megabytes(summary.bytes))"
}

/// `12.3 MB`
func megabytes(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }

/// What went wrong for whoever sits at the terminal: with the cause that is kept from clients.
func explanation(_ error: ChromaError) -> String {
  error.cause.map { cause in error.code == .insufficientStorage ? "\(error.message) (\(cause))" : cause }
    ?? error.message
}

/// Where a backup is that was named by its path, or by its name in the backup directory.
func backupPath(_ text: String, in directory: String?) -> String {
  if text.contains("/") || FileManager.default.fileExists(atPath: text) { return text }
  return directory.map { "\($0)/\(text)" } ?? text
}
