import ChromaTestSupport
import Testing

@testable import Storage

@Suite("Manifests")
struct ManifestTests {
  private var sample: Manifest {
    var manifest = Manifest()
    manifest.rowCount = 4_100
    manifest.tailVersions = [7, 9, 12, 13]
    manifest.lastVersion = 13
    manifest.lastChange = 5
    manifest.dimension = 3
    manifest.neighbors = 16
    manifest.linkedRows = 4_000
    manifest.live = .init(name: "live-1.segment", byteCount: 520, checksum: .max)
    manifest.graph = .init(name: "graph-2.segment", byteCount: 99, checksum: 1)
    manifest.vectorFiles = [.init(name: "vectors-3.segment", byteCount: 48, checksum: 2)]
    manifest.blockFiles = [
      .init(file: .init(name: "records-4.segment", byteCount: 900, checksum: 3), starts: [0, 450])
    ]
    return manifest
  }

  @Test("A manifest reads back as it was written")
  func roundTrip() throws { #expect(try Manifest(encoded: sample.encoded, path: "") == sample) }

  @Test("One of an earlier version is damage, one of a later version is not")
  func formats() throws {
    for (format, isDamage) in [(1, true), (3, false)] {
      let text = String(decoding: sample.encoded.split(separator: 10)[0], as: UTF8.self)
      let other = Array(text.replacing("\"format\":2", with: "\"format\":\(format)").utf8)
      let sum = other.withUnsafeBytes { Checksum.of($0) }
      #expect {
        _ = try Manifest(encoded: other + Array("\n\(String(sum, radix: 16))\n".utf8), path: "")
      } throws: { error in
        (error as? StorageError)?.isDamage == isDamage
      }
    }
  }

  @Test("Any flipped or missing byte is noticed")
  func damageIsNoticed() {
    let whole = sample.encoded
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 0x01
      #expect(throws: StorageError.self, "byte \(index)") { _ = try Manifest(encoded: bytes, path: "") }
      #expect(throws: StorageError.self, "cut at \(index)") {
        _ = try Manifest(encoded: Array(whole[..<index]), path: "")
      }
    }
  }
}
