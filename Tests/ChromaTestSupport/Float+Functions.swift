#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Float {
  func logarithm() -> Float { logf(self) }
  func cosine() -> Float { cosf(self) }
}
