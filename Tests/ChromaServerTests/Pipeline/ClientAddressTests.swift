import Testing

@testable import ChromaServer

@Suite struct ClientAddressTests {
  @Test(
    "A network holds its addresses and no others",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.128/25", "10.0.0.127", false),
      ("10.0.0.128/25", "10.0.0.200", true), ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
      ("0.0.0.0/0", "1.2.3.4", true), ("::/0", "1.2.3.4", false), ("2001:db8::/32", "2001:db8:1::2", true),
      ("2001:db8::/32", "2001:db9::", false), ("::1", "0:0:0:0:0:0:0:1", true), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
      ("fe80::/10", "fe80::1%eth0", true),
    ])
  func ranges(network: String, address: String, expected: Bool) throws {
    #expect(try #require(AddressRange(network)).contains(address) == expected)
  }

  @Test(
    "What is no address or network is refused",
    arguments: [
      "", "10", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "a.b.c.d", "::/129", ":::",
      "1::2::3",
      "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "10.0.0.0/8/8", "12345::", "+1::", "1.2.3.4 ", "::1.2.3", "01234.1.1.1",
    ])
  func notAddresses(text: String) { #expect(AddressRange(text) == nil) }

  @Test(
    "The address is the last one that no trusted proxy wrote for itself",
    arguments: [
      ("9.9.9.9", "1.1.1.1", "9.9.9.9"), ("10.0.0.1", nil, "10.0.0.1"), ("10.0.0.1", "1.1.1.1", "1.1.1.1"),
      ("10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"), ("10.0.0.1", "1.1.1.1, 10.0.0.2", "1.1.1.1"),
      ("10.0.0.1", "nonsense", "10.0.0.1"), ("10.0.0.1", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.1"),
      ("10.0.0.1", "10.0.0.3", "10.0.0.1"), ("10.0.0.1", "", "10.0.0.1"),
    ] as [(String, String?, String)])
  func forwarded(peer: String, header: String?, expected: String) throws {
    let trusted = [try #require(AddressRange("10.0.0.0/8"))]
    #expect(clientAddress(peer: peer, forwardedFor: header, trusted: trusted) == expected)
    #expect(clientAddress(peer: peer, forwardedFor: header, trusted: []) == peer)
  }
}
