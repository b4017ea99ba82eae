/// The saved graph: 32-bit little-endian words.
///
/// Header (16 words): 0 magic · 1 version · 2 dimension · 3 metric · 4 m · 5 rows · 6 rows linked · 7 entry row ·
/// 8 entry level · 9…15 zero. Entry row and level are `none` when nothing is linked.
/// Then each row: `none` if it waits for its links; else level, tree parent (`none` for the root) and, for each level
/// from 0 up, a count and as many rows. Tree marks are not saved: they follow from the parents.
///
/// Vectors are not in here: they are written once, links change.
enum GraphFormat {
  static let magic: UInt32 = 0x3147_5856  // "VXG1"
  static let version: UInt32 = 1
  static let headerWords = 16
  static let none = UInt32.max
}
