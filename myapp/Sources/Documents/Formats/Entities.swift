/// HTML's character references: numbers, and the names of HTML 4 with the commonest of HTML 5.
enum Entities {
  private static let longestName = 32

  /// The reference that begins with the `&` at `position`, and where it ends; `nil` when there is none.
  static func read(_ scalars: [Unicode.Scalar], at position: Int) -> (text: String, end: Int)? {
    var index = position + 1
    guard index < scalars.count else { return nil }
    if scalars[index] == "#" { return number(scalars, from: index + 1) }
    let start = index
    while index < scalars.count, index - start < longestName, isNamePart(scalars[index]) { index += 1 }
    guard index > start else { return nil }
    let name = String(String.UnicodeScalarView(scalars[start..<index]))
    let isClosed = index < scalars.count && scalars[index] == ";"
    guard let value = named[name], isClosed || isLegacy(name, value), let scalar = Unicode.Scalar(value) else {
      return nil
    }
    return (String(Character(scalar)), isClosed ? index + 1 : index)
  }

  private static func number(_ scalars: [Unicode.Scalar], from start: Int) -> (text: String, end: Int)? {
    var index = start
    var radix: UInt32 = 10
    if index < scalars.count, scalars[index] == "x" || scalars[index] == "X" {
      radix = 16
      index += 1
    }
    var value: UInt32 = 0
    let digits = index
    while index < scalars.count, let digit = scalars[index].hexadecimalValue, digit < radix {
      value = min(value * radix + digit, 0x110000)
      index += 1
    }
    guard index > digits else { return nil }
    if index < scalars.count, scalars[index] == ";" { index += 1 }
    // Numbers of Windows' code page are meant as such; a zero and what is no scalar are damage.
    if (0x80...0x9F).contains(value) { return (String(Character(TextDecoding.windows1252(UInt8(value)))), index) }
    guard value != 0, let scalar = Unicode.Scalar(value) else { return ("\u{FFFD}", index) }
    return (String(Character(scalar)), index)
  }

  private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.isASCIIDigit || scalar.properties.isAlphabetic)
  }

  /// Names that browsers know without their semicolon.
  private static func isLegacy(_ name: String, _ value: UInt32) -> Bool {
    (160...255).contains(value) || ["amp", "lt", "gt", "quot"].contains(name)
  }

  private static let named: [String: UInt32] = {
    var names: [String: UInt32] = [:]
    for (offset, name) in latin1.split(separator: " ").enumerated() { names[String(name)] = 160 + UInt32(offset) }
    for row in [markup, punctuation, greek, symbols] {
      let words = row.split(whereSeparator: \.isWhitespace)
      for index in stride(from: 0, to: words.count - 1, by: 2) {
        names[String(words[index])] = UInt32(words[index + 1])
      }
    }
    return names
  }()

  /// 160 to 255 in order.
  private static let latin1 = """
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro \
    para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil \
    Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
    Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
    igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute \
    thorn yuml
    """
  private static let markup = """
    amp 38 lt 60 gt 62 quot 34 apos 39 AMP 38 LT 60 GT 62 QUOT 34 COPY 169 REG 174 num 35 dollar 36 percnt 37 lpar 40 \
    rpar 41 ast 42 plus 43 comma 44 period 46 sol 47 colon 58 semi 59 equals 61 quest 63 commat 64 lsqb 91 lbrack 91 \
    bsol 92 rsqb 93 rbrack 93 Hat 94 lowbar 95 grave 96 lcub 123 lbrace 123 verbar 124 vert 124 rcub 125 rbrace 125 \
    excl 33 Tab 9 NewLine 10
    """
  private static let punctuation = """
    OElig 338 oelig 339 Scaron 352 scaron 353 Yuml 376 fnof 402 circ 710 tilde 732 ensp 8194 emsp 8195 thinsp 8201 \
    hairsp 8202 numsp 8199 puncsp 8200 zwnj 8204 zwj 8205 lrm 8206 rlm 8207 hyphen 8208 dash 8208 ndash 8211 mdash 8212 \
    horbar 8213 lsquo 8216 rsquo 8217 sbquo 8218 ldquo 8220 rdquo 8221 bdquo 8222 dagger 8224 Dagger 8225 bull 8226 \
    bullet 8226 hellip 8230 mldr 8230 permil 8240 prime 8242 Prime 8243 lsaquo 8249 rsaquo 8250 oline 8254 frasl 8260 \
    euro 8364 trade 8482 numero 8470 Ccaron 268 ccaron 269 Zcaron 381 zcaron 382 Ecaron 282 ecaron 283 Rcaron 344 \
    rcaron 345 Lstrok 321 lstrok 322 Aogon 260 aogon 261 Eogon 280 eogon 281 Sacute 346 sacute 347 Zdot 379 zdot 380 \
    Cacute 262 cacute 263 Nacute 323 nacute 324 Zacute 377 zacute 378 Gbreve 286 gbreve 287 Idot 304 inodot 305 \
    Scedil 350 scedil 351 Odblac 336 odblac 337 Udblac 368 udblac 369 Amacr 256 amacr 257 Emacr 274 emacr 275 Imacr 298 \
    imacr 299 Omacr 332 omacr 333 Umacr 362 umacr 363
    """
  private static let greek = """
    Alpha 913 Beta 914 Gamma 915 Delta 916 Epsilon 917 Zeta 918 Eta 919 Theta 920 Iota 921 Kappa 922 Lambda 923 Mu 924 \
    Nu 925 Xi 926 Omicron 927 Pi 928 Rho 929 Sigma 931 Tau 932 Upsilon 933 Phi 934 Chi 935 Psi 936 Omega 937 alpha 945 \
    beta 946 gamma 947 delta 948 epsilon 949 zeta 950 eta 951 theta 952 iota 953 kappa 954 lambda 955 mu 956 nu 957 \
    xi 958 omicron 959 pi 960 rho 961 sigmaf 962 sigma 963 tau 964 upsilon 965 phi 966 chi 967 psi 968 omega 969 \
    thetasym 977 upsih 978 piv 982
    """
  private static let symbols = """
    weierp 8472 image 8465 real 8476 alefsym 8501 larr 8592 uarr 8593 rarr 8594 darr 8595 harr 8596 crarr 8629 lArr 8656 \
    uArr 8657 rArr 8658 dArr 8659 hArr 8660 forall 8704 part 8706 exist 8707 empty 8709 nabla 8711 isin 8712 notin 8713 \
    ni 8715 prod 8719 sum 8721 minus 8722 lowast 8727 radic 8730 prop 8733 infin 8734 ang 8736 and 8743 or 8744 cap 8745 \
    cup 8746 int 8747 there4 8756 sim 8764 cong 8773 asymp 8776 ne 8800 equiv 8801 le 8804 ge 8805 sub 8834 sup 8835 \
    nsub 8836 sube 8838 supe 8839 oplus 8853 otimes 8855 perp 8869 sdot 8901 lceil 8968 rceil 8969 lfloor 8970 \
    rfloor 8971 lang 10216 rang 10217 loz 9674 spades 9824 clubs 9827 hearts 9829 diams 9830 check 10003 cross 10007 \
    star 9734 starf 9733 phone 9742 frac13 8531 frac23 8532 frac15 8533 frac18 8539 frac38 8540 frac58 8541 frac78 8542
    """
}
