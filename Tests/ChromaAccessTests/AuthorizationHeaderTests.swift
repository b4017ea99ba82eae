import Testing

@testable import ChromaAccess

@Suite("An Authorization header")
struct AuthorizationHeaderTests {
  @Test(
    "of the scheme Basic holds user and password, parted at the first colon",
    arguments: [
      // RFC 7617, sections 2 and 2.1.
      ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"), ("Basic dGVzdDoxMjPCow==", "test", "123£"),
      ("basic YTpi", "a", "b"), ("BASIC\tYTpi", "a", "b"), ("  Basic   YTpi  ", "a", "b"), ("Basic Og==", "", ""),
      ("Basic YTpiOmM=", "a", "b:c"), ("Basic OmI=", "", "b"), ("Basic YTo=", "a", ""),
      ("Basic IGEgOiBiIA==", " a ", " b "),
    ])
  func basic(header: String, user: String, password: String) {
    #expect(AuthorizationHeader(header) == .basic(user: user, password: password))
  }

  @Test(
    "of the scheme Bearer holds a token",
    arguments: [
      ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER \t abc ", "abc"), ("Bearer Basic x", "Basic x"),
      ("Bearer a b", "a b"), ("Bearer bearer", "bearer"), ("Bearer \u{a0}abc", "\u{a0}abc"),
    ])
  func bearer(header: String, token: String) {
    #expect(AuthorizationHeader(header) == .bearer(token))
  }

  @Test(
    "is nothing else",
    arguments: [
      "", " ", "Basic", "Bearer", "Bearer ", "Basic ", "Bearerabc", "BasicYTpi", "Bearer:abc", "Digest a", "abc",
      "Basic YTpi YTpi", "Basic YTp", "Basic YTpi=", "Basic YWI=", "Basic _-==", "Basic /zph", "Basic YTr/",
      "Basic \u{a0}YTpi", "Basic\u{a0}YTpi", "Bas\u{131}c YTpi", "Basic YTpi, Basic YTpi",
    ])
  func nothing(header: String) {
    #expect(AuthorizationHeader(header) == nil)
  }

  @Test("loses only blanks, tabs and line breaks at its ends")
  func trimmed() {
    #expect("\r\n\t a b \t\r\n".trimmed == "a b")
    #expect(" \n ".trimmed == "")
    #expect("\u{a0}a\u{85}\u{2028}\0".trimmed == "\u{a0}a\u{85}\u{2028}\0")
    // A mark that would join a blank to one character.
    #expect(" \u{301}a".trimmed.utf8.elementsEqual("\u{301}a".utf8))
  }
}
