/// A row and its exact float32 distance from the query.
package struct Neighbor: Equatable, Sendable {
  package let row: UInt32
  package let distance: Float

  package init(row: UInt32, distance: Float) {
    self.row = row
    self.distance = distance
  }
}

/// What a search found and what it cost.
package struct SearchResult: Sendable {
  /// Closest first, ties by lower row. A NaN distance (from a query that overflowed) comes last.
  package var neighbors: [Neighbor]
  /// Nodes whose links were read. 0 for an exact scan.
  package var visited: Int
  /// Distances computed, approximate and exact ones.
  package var distances: Int
  /// Whether all allowed rows were scanned, be it that a walk found too few.
  package var scanned = false
}

/// A distance and a row in one integer that sorts by (distance, row).
///
/// Bits 63…32 hold the distance in an order-preserving form, bits 30…0 the row. Bit 31 is a mark for the holder of
/// the key ("links already read", "tree edge"); rows therefore stay below 2³¹.
typealias Key = UInt64

let keyMark: Key = 0x8000_0000
let rowMask: UInt32 = 0x7FFF_FFFF

@inline(__always)
func makeKey(_ distance: Float, _ row: UInt32) -> Key {
  // One NaN for all, of positive sign, so that it sorts behind infinity.
  let bits = distance == distance ? distance.bitPattern : Float.nan.bitPattern
  let ordered = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
  return Key(ordered) << 32 | Key(row)
}

@inline(__always)
func distance(of key: Key) -> Float {
  let ordered = UInt32(truncatingIfNeeded: key >> 32)
  return Float(bitPattern: ordered & 0x8000_0000 != 0 ? ordered & 0x7FFF_FFFF : ~ordered)
}

@inline(__always)
func row(of key: Key) -> UInt32 { UInt32(truncatingIfNeeded: key) & rowMask }
