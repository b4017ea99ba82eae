/// The names of general categories and binary properties, as in PropertyValueAliases.txt and PropertyAliases.txt.
extension UnicodeClass {
  static let categories: [String: [Unicode.GeneralCategory]] = [
    "Lu": [.uppercaseLetter], "Ll": [.lowercaseLetter], "Lt": [.titlecaseLetter], "Lm": [.modifierLetter],
    "Lo": [.otherLetter], "LC": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter],
    "L": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter],
    "Mn": [.nonspacingMark], "Mc": [.spacingMark], "Me": [.enclosingMark],
    "M": [.nonspacingMark, .spacingMark, .enclosingMark],
    "Nd": [.decimalNumber], "Nl": [.letterNumber], "No": [.otherNumber],
    "N": [.decimalNumber, .letterNumber, .otherNumber],
    "Pc": [.connectorPunctuation], "Pd": [.dashPunctuation], "Ps": [.openPunctuation], "Pe": [.closePunctuation],
    "Pi": [.initialPunctuation], "Pf": [.finalPunctuation], "Po": [.otherPunctuation],
    "P": [
      .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation,
    ],
    "Sm": [.mathSymbol], "Sc": [.currencySymbol], "Sk": [.modifierSymbol], "So": [.otherSymbol],
    "S": [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol],
    "Zs": [.spaceSeparator], "Zl": [.lineSeparator], "Zp": [.paragraphSeparator],
    "Z": [.spaceSeparator, .lineSeparator, .paragraphSeparator],
    "Cc": [.control], "Cf": [.format], "Co": [.privateUse], "Cn": [.unassigned],
    "C": [.control, .format, .privateUse, .unassigned],
  ]

  /// Normalised names to the short ones above.
  static let categoryAliases: [String: String] = {
    var aliases = [
      "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt", "modifierletter": "Lm",
      "otherletter": "Lo", "casedletter": "LC", "letter": "L", "nonspacingmark": "Mn", "spacingmark": "Mc",
      "enclosingmark": "Me", "mark": "M", "combiningmark": "M", "decimalnumber": "Nd", "digit": "Nd",
      "letternumber": "Nl", "othernumber": "No", "number": "N", "connectorpunctuation": "Pc", "dashpunctuation": "Pd",
      "openpunctuation": "Ps", "closepunctuation": "Pe", "initialpunctuation": "Pi", "finalpunctuation": "Pf",
      "otherpunctuation": "Po", "punctuation": "P", "punct": "P", "mathsymbol": "Sm", "currencysymbol": "Sc",
      "modifiersymbol": "Sk", "othersymbol": "So", "symbol": "S", "spaceseparator": "Zs", "lineseparator": "Zl",
      "paragraphseparator": "Zp", "separator": "Z", "control": "Cc", "cntrl": "Cc", "format": "Cf",
      "privateuse": "Co", "unassigned": "Cn", "other": "C",
    ]
    for short in categories.keys { aliases[short.lowercased()] = short }
    return aliases
  }()

  struct BinaryProperty: @unchecked Sendable {
    // Key paths to stored-free getters of a value type hold no state; the type lacks the conformance only formally.
    let name: String
    let path: KeyPath<Unicode.Scalar.Properties, Bool>
  }

  static let binaryProperties: [String: BinaryProperty] = {
    let table: [(String, KeyPath<Unicode.Scalar.Properties, Bool>)] = [
      ("alphabetic alpha", \.isAlphabetic), ("asciihexdigit ahex", \.isASCIIHexDigit),
      ("bidicontrol bidic", \.isBidiControl),
      ("bidimirrored bidim", \.isBidiMirrored), ("cased", \.isCased), ("caseignorable ci", \.isCaseIgnorable),
      ("changeswhenlowercased cwl", \.changesWhenLowercased), ("changeswhenuppercased cwu", \.changesWhenUppercased),
      ("changeswhentitlecased cwt", \.changesWhenTitlecased), ("changeswhencasefolded cwcf", \.changesWhenCaseFolded),
      ("changeswhencasemapped cwcm", \.changesWhenCaseMapped), ("dash", \.isDash), ("deprecated dep", \.isDeprecated),
      ("defaultignorablecodepoint di", \.isDefaultIgnorableCodePoint), ("diacritic dia", \.isDiacritic),
      ("emoji", \.isEmoji), ("emojimodifier emod", \.isEmojiModifier),
      ("emojimodifierbase ebase", \.isEmojiModifierBase),
      ("emojipresentation epres", \.isEmojiPresentation), ("extender ext", \.isExtender),
      ("graphemebase grbase", \.isGraphemeBase), ("graphemeextend grext", \.isGraphemeExtend),
      ("hexdigit hex", \.isHexDigit), ("idcontinue idc", \.isIDContinue), ("idstart ids", \.isIDStart),
      ("ideographic ideo", \.isIdeographic), ("idsbinaryoperator idsb", \.isIDSBinaryOperator),
      ("idstrinaryoperator idst", \.isIDSTrinaryOperator), ("joincontrol joinc", \.isJoinControl),
      ("logicalorderexception loe", \.isLogicalOrderException), ("lowercase lower", \.isLowercase), ("math", \.isMath),
      ("noncharactercodepoint nchar", \.isNoncharacterCodePoint), ("patternsyntax patsyn", \.isPatternSyntax),
      ("patternwhitespace patws", \.isPatternWhitespace), ("quotationmark qmark", \.isQuotationMark),
      ("radical", \.isRadical), ("sentenceterminal sterm", \.isSentenceTerminal), ("softdotted sd", \.isSoftDotted),
      ("terminalpunctuation term", \.isTerminalPunctuation), ("unifiedideograph uideo", \.isUnifiedIdeograph),
      ("uppercase upper", \.isUppercase), ("variationselector vs", \.isVariationSelector),
      ("whitespace wspace space", \.isWhitespace), ("xidcontinue xidc", \.isXIDContinue),
      ("xidstart xids", \.isXIDStart),
    ]
    var properties: [String: BinaryProperty] = [:]
    for (names, path) in table {
      let names = names.split(separator: " ").map(String.init)
      for name in names { properties[name] = BinaryProperty(name: names[0], path: path) }
    }
    return properties
  }()
}
