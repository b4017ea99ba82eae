import NIOSSL
import Synchronization

/// The files of TLS, as they were read. PEM.
package struct TLSMaterial: Sendable, Hashable {
  package var certificateChain: [UInt8]
  package var privateKey: [UInt8]
  /// Only clients with a certificate signed by one of these may connect.
  package var clientCA: [UInt8]?

  package init(certificateChain: [UInt8], privateKey: [UInt8], clientCA: [UInt8]? = nil) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.clientCA = clientCA
  }
}

/// Why files do not make a TLS server; a sentence for whoever configured them.
package struct TLSError: Error, Sendable, Hashable {
  package let reason: String
}

/// What new connections are secured with. Replacing it leaves connections that exist as they are.
package final class TLSContexts: Sendable {
  private let context: Mutex<NIOSSLContext>
  /// Whether only clients with a certificate get in; does not change.
  let requiresClientCertificate: Bool

  /// - Throws: ``TLSError``.
  package init(_ material: TLSMaterial) throws(TLSError) {
    context = Mutex(try Self.makeContext(material))
    requiresClientCertificate = material.clientCA != nil
  }

  package func replace(with material: TLSMaterial) throws(TLSError) {
    let new = try Self.makeContext(material)
    context.withLock { $0 = new }
  }

  var current: NIOSSLContext { context.withLock { $0 } }

  /// TLS 1.2 or newer; with a client CA, only for clients that show a certificate signed by it.
  private static func makeContext(_ material: TLSMaterial) throws(TLSError) -> NIOSSLContext {
    func read<Value>(_ what: String, _ body: () throws -> Value) throws(TLSError) -> Value {
      do { return try body() } catch { throw TLSError(reason: "\(what) cannot be used: \(error)") }
    }
    let chain = try read("the certificate file") { try NIOSSLCertificate.fromPEMBytes(material.certificateChain) }
    guard !chain.isEmpty else { throw TLSError(reason: "the certificate file holds no certificate") }
    let key = try read("the private key file") { try NIOSSLPrivateKey(bytes: material.privateKey, format: .pem) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    if let clientCA = material.clientCA {
      let roots = try read("the client CA file") { try NIOSSLCertificate.fromPEMBytes(clientCA) }
      guard !roots.isEmpty else { throw TLSError(reason: "the client CA file holds no certificate") }
      configuration.trustRoots = .certificates(roots)
      configuration.certificateVerification = .noHostnameVerification
    }
    return try read("the certificate with this key") { try NIOSSLContext(configuration: configuration) }
  }
}
