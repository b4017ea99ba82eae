/// What a file says, without how it looks.
///
/// Every offset of this module counts **Unicode scalars** (code points) of ``text`` from 0; ranges are half open. In
/// Python that is how strings count: `text[lower:upper]`. JavaScript counts UTF-16 units, which differ once there is an
/// emoji: `Array.from(text).slice(lower, upper).join("")`, or `[...text]` made once for many ranges.
public struct SourceText: Sendable, Hashable {
  /// A stretch under one path of headings or, in a PDF, on one page.
  public struct Section: Sendable, Hashable {
    /// The headings from the outermost to the section's own; empty before the first one.
    public var path: [String]
    /// From the section's own heading line to the beginning of the next section.
    public var range: Range<Int>
    /// From 1. A paragraph that runs over a page break counts to the page where it begins.
    public var page: Int?

    public init(path: [String], range: Range<Int>, page: Int? = nil) {
      self.path = path
      self.range = range
      self.page = page
    }
  }

  /// What the file calls itself: its title, first heading or first line; else its name.
  public var title: String
  /// Plain text: paragraphs parted by an empty line, headings paragraphs of their own, lines ended by `\n`.
  public var text: String
  /// In order, without gaps.
  public var sections: [Section]
  /// PDF only.
  public var pageCount: Int?

  public init(title: String, text: String, sections: [Section], pageCount: Int? = nil) {
    self.title = title
    self.text = text
    self.sections = sections
    self.pageCount = pageCount
  }

  /// The text's scalars in `range`, cut down to what there is. Takes time in proportion to the range's end.
  public func text(in range: Range<Int>) -> String {
    let scalars = text.unicodeScalars
    let from = max(0, range.lowerBound)
    return String(String.UnicodeScalarView(scalars.dropFirst(from).prefix(max(0, range.upperBound - from))))
  }
}
