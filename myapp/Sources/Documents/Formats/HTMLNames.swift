/// What HTML's elements mean for the text.
enum HTMLNames {
  /// Stand on lines of their own, as paragraphs.
  static let blocks: Set<String> = [
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "details", "dialog", "dir",
    "div",
    "dl", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
    "hr", "html", "main", "menu", "ol", "optgroup", "p", "pre", "search", "section", "select", "summary", "table",
    "tbody", "tfoot", "thead", "ul",
  ]

  /// Begin a line within their paragraph.
  static let lines: Set<String> = ["dd", "dt", "li", "option", "tr"]

  /// Say nothing to a reader, with all they hold.
  static let dropped: Set<String> = [
    "canvas", "iframe", "math", "nav", "noembed", "noframes", "noscript", "object", "script", "style", "svg",
    "template",
  ]

  /// Those of them that are read after all when there is nothing else.
  static let droppedTolerantly: Set<String> = ["nav", "noscript"]

  /// Their content is no markup up to their end tag.
  static let raw: Set<String> = ["iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"]
}
