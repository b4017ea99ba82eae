// swift-tools-version: 6.2
import PackageDescription

// Two gates, both read from the environment and both off for whoever depends on this package:
//   CHROMA_FLOORS=engine   only the floors below the server, so that they build and test without Hummingbird
//   CHROMA_TEST_SPEED=1    optimises the numeric floors of a *debug* build (assertions stay on); used by `make test`
let lowerFloorsOnly = Context.environment["CHROMA_FLOORS"] == "engine"
let optimizeDebug = Context.environment["CHROMA_TEST_SPEED"] == "1"

let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
]
// `-DDEBUG` keeps the invariant checks; `-O` alone would make an oracle test of 100,000 operations take an hour.
let numeric: [SwiftSetting] =
  house + (optimizeDebug ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : [])
let kernels: [CSetting] = optimizeDebug ? [.unsafeFlags(["-O2"], .when(configuration: .debug))] : []

// What talks HTTP in a floor that also builds without it.
let overHTTP: [Target.Dependency] =
  lowerFloorsOnly
  ? []
  : [
    .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
  ]

let package = Package(
  name: "chroma",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "ChromaModel", targets: ["ChromaModel"]),
    .library(name: "ChromaEngine", targets: ["ChromaEngine"]),
    .library(name: "Embeddings", targets: ["Embeddings"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2")
  ],
  targets: [
    // Floor 0
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "CVectorKernels", cSettings: kernels),
    .target(name: "CMemory"),
    .target(name: "TerminalProgress", swiftSettings: house),
    .target(name: "ChromaModel", swiftSettings: numeric),
    // Floor 1
    .target(name: "VectorIndex", dependencies: ["CVectorKernels", "CMemory"], swiftSettings: numeric),
    .target(name: "Storage", dependencies: ["ChromaModel", "CSQLite"], swiftSettings: numeric),
    // Floor 2
    .target(
      name: "ChromaEngine",
      dependencies: [
        "ChromaModel", "VectorIndex", "Storage", "CMemory", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: numeric),
    .target(name: "Embeddings", dependencies: ["ChromaModel", "CVectorKernels"] + overHTTP, swiftSettings: numeric),
    // The sample app's reading of files; a library, so that it builds and tests alone
    .target(name: "Documents", dependencies: ["Embeddings"], path: "myapp/Sources/Documents", swiftSettings: numeric),
    // Benchmarks
    .executableTarget(
      name: "vector-index-bench", dependencies: ["VectorIndex"], path: "Tests/Benchmarks/VectorIndexBench",
      swiftSettings: house),
    .executableTarget(
      name: "embeddings-bench", dependencies: ["Embeddings", "ChromaModel"], path: "Tests/Benchmarks/EmbeddingsBench",
      swiftSettings: house),
    .executableTarget(
      name: "engine-bench",
      dependencies: ["ChromaEngine", "ChromaModel", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Benchmarks/EngineBench", swiftSettings: house),
    // Tests
    .target(
      name: "ChromaTestSupport", dependencies: ["ChromaModel"], path: "Tests/ChromaTestSupport",
      swiftSettings: numeric),
    .testTarget(name: "ChromaModelTests", dependencies: ["ChromaModel", "ChromaTestSupport"], swiftSettings: house),
    .testTarget(
      name: "VectorIndexTests", dependencies: ["VectorIndex", "CVectorKernels", "ChromaTestSupport"],
      swiftSettings: numeric),
    .testTarget(
      name: "StorageTests", dependencies: ["Storage", "ChromaModel", "ChromaTestSupport"], swiftSettings: house),
    .testTarget(
      name: "ChromaEngineTests", dependencies: ["ChromaEngine", "ChromaModel", "ChromaTestSupport"],
      swiftSettings: numeric),
    .testTarget(
      name: "EmbeddingsTests",
      dependencies: ["Embeddings", "ChromaModel", "CVectorKernels", "ChromaTestSupport"]
        + (lowerFloorsOnly ? [] : ["HTTPTestSupport"]),
      exclude: ["Golden"], swiftSettings: numeric),
    .testTarget(
      name: "DocumentsTests", dependencies: ["Documents", "Embeddings", "ChromaTestSupport"], swiftSettings: numeric),
    .testTarget(name: "RepositoryTests", path: "Tests/RepositoryTests", swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)

if !lowerFloorsOnly {
  package.dependencies += [
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
  ]
  package.products += [
    .library(name: "ChromaClient", targets: ["ChromaClient"]),
    .executable(name: "chroma", targets: ["chroma"]),
    .executable(name: "myapp", targets: ["myapp"]),
  ]
  package.targets += [
    // Floor 0
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    // Floor 1
    .target(
      name: "ChromaAccess",
      dependencies: [
        "ChromaModel", "CCrypt",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "JWTKit", package: "jwt-kit"),
      ],
      swiftSettings: house),
    // Floor 3
    .target(
      name: "ChromaServer",
      dependencies: [
        "ChromaModel", "ChromaAccess",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "ChromaClient",
      dependencies: [
        "ChromaModel", "ChromaEngine", "Embeddings",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    // Floor 4
    .executableTarget(
      name: "myapp",
      dependencies: [
        "ChromaClient", "Embeddings", "Documents", "TerminalProgress",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "myapp/Sources/MyApp",
      swiftSettings: house),
    .executableTarget(
      name: "chroma",
      dependencies: [
        "ChromaModel", "ChromaAccess", "ChromaEngine", "ChromaServer", "Embeddings", "TerminalProgress", "CMemory",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ],
      path: "chroma/Sources",
      swiftSettings: house),
    .target(
      name: "HTTPTestSupport",
      dependencies: [
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/HTTPTestSupport", swiftSettings: house),
    .target(
      name: "AccessFuzz",
      dependencies: [
        "ChromaAccess", "ChromaModel", "ChromaTestSupport", .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Tests/Fuzz/AccessFuzz",
      swiftSettings: house),
    .executableTarget(
      name: "access-fuzz", dependencies: ["AccessFuzz"], path: "Tests/Fuzz/access-fuzz", swiftSettings: house),
    .testTarget(
      name: "ChromaAccessTests",
      dependencies: [
        "ChromaAccess", "AccessFuzz", "ChromaModel", "ChromaTestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "ChromaServerTests",
      dependencies: [
        "ChromaServer", "ChromaAccess", "ChromaModel", "ChromaTestSupport",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "ChromaClientTests",
      dependencies: [
        "ChromaClient", "ChromaEngine", "ChromaServer", "ChromaAccess", "ChromaModel", "Embeddings",
        "ChromaTestSupport",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "MyAppTests",
      dependencies: [
        "myapp", "ChromaClient", "Embeddings", "Documents", "ChromaTestSupport", "HTTPTestSupport",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/MyAppTests", swiftSettings: house),
    .testTarget(
      name: "ChromaCommandTests",
      dependencies: [
        "chroma", "ChromaAccess", "ChromaServer", "ChromaModel", "ChromaTestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
  ]
}
