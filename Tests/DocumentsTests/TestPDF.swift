/// PDFs made by hand: one font, one line of text after another.
enum TestPDF {
  /// - Parameter pages: the lines of each; an empty one leaves a gap, as between paragraphs.
  static func make(_ pages: [[String]], encrypted: Bool = false) -> [UInt8] {
    var objects: [String] = [
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Count \(pages.count) /Kids [\(pages.indices.map { "\(4 + 2 * $0) 0 R" }.joined(separator: " "))] >>",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for (index, lines) in pages.enumerated() {
      var content = "BT /F1 11 Tf 14 TL 60 780 Td\n"
      for line in lines { content += line.isEmpty ? "T* T*\n" : "(\(escaped(line))) Tj T*\n" }
      content += "ET"
      objects.append(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
          + "/Contents \(5 + 2 * index) 0 R >>")
      objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
    }
    var file = "%PDF-1.4\n"
    var offsets: [Int] = []
    for (index, object) in objects.enumerated() {
      offsets.append(file.utf8.count)
      file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = file.utf8.count
    file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for offset in offsets {
      file += String(String("0000000000\(offset)".reversed().prefix(10)).reversed()) + " 00000 n \n"
    }
    let id = String(repeating: "41", count: 16)
    // A password that nobody knows: the hashes are of nothing.
    let hash = String(repeating: "42", count: 32)
    let encryption =
      encrypted
      ? " /Encrypt << /Filter /Standard /V 1 /R 2 /O <\(hash)> /U <\(hash)> /P -4 >> /ID [<\(id)> <\(id)>]" : ""
    file += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R\(encryption) >>\nstartxref\n\(start)\n%%EOF\n"
    return Array(file.utf8)
  }

  private static func escaped(_ line: String) -> String {
    line.reduce(into: "") { $0 += $1 == "(" || $1 == ")" || $1 == "\\" ? "\\\($1)" : "\($1)" }
  }
}
