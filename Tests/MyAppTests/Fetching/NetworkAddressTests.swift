import Testing

@testable import myapp

@Suite("Which addresses are public")
struct NetworkAddressTests {
  @Test(
    "Addresses of this machine, of private networks, of links and of nobody are not public",
    arguments: [
      "127.0.0.1", "127.255.255.255", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
      "0.0.0.0",
      "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
      "224.0.0.1",
      "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
      "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001::1",
      "64:ff9b:1::1",
      "100::1", "3fff::1",
    ])
  func notPublic(text: String) throws { #expect(try !#require(NetworkAddress(text)).isPublic) }

  @Test(
    "Others are",
    arguments: [
      "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.167.255.255",
      "223.255.255.255",
      "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ])
  func isPublic(text: String) throws { #expect(try #require(NetworkAddress(text)).isPublic) }

  @Test(
    "What is no number is no address",
    arguments: ["", "localhost", "1.2.3", "01.2.3.4.5", "::g", "2130706433", "0x7f000001"])
  func names(text: String) { #expect(NetworkAddress(text) == nil) }
}
