import Testing

@testable import myapp

@Suite("Settings of the sample app")
struct MyAppSettingsTests {
  private func settings(_ environment: [String: String]) throws(SettingsError) -> MyAppSettings {
    try MyAppSettings(environment: environment, workingDirectory: "/nowhere")
  }

  @Test("Without variables it listens on the loopback address, and anybody there may write")
  func defaults() throws {
    let settings = try settings([:])
    #expect(settings.host == "127.0.0.1" && settings.port == 8080 && settings.home == "/nowhere/myapp")
    #expect(settings.chat == nil && settings.remoteEmbedding == nil && !settings.isOnPlatform && settings.seeds)
    #expect(WriteGuard(token: settings.adminToken, mustHaveToken: settings.isOnPlatform).obstacle == nil)
  }

  @Test("On a platform it listens to all, on the port it is given, and takes no writes without a token")
  func platform() throws {
    let settings = try settings(["PLATFORM_APPLICATION": "e30=", "PORT": "8888", "PLATFORM_APP_DIR": "/app"])
    #expect(settings.host == "0.0.0.0" && settings.port == 8888)
    #expect(WriteGuard(token: settings.adminToken, mustHaveToken: settings.isOnPlatform).obstacle != nil)
    let open = try self.settings(["PLATFORM_APPLICATION": "e30=", "MYAPP_ADMIN_TOKEN": "t"])
    #expect(WriteGuard(token: open.adminToken, mustHaveToken: open.isOnPlatform).obstacle == nil)
  }

  @Test("An empty variable is unset")
  func empty() throws {
    let settings = try settings(["PORT": "", "MYAPP_ADMIN_TOKEN": " ", "OPENAI_API_KEY": "", "MYAPP_SEED": ""])
    #expect(settings.port == 8080 && settings.adminToken == nil && settings.chat == nil && settings.seeds)
  }

  @Test("A key alone means the public service, an address alone one that needs no key")
  func chat() throws {
    #expect(try settings(["OPENAI_API_KEY": "k"]).chat?.base == "https://api.openai.com/v1")
    let own = try settings(["OPENAI_BASE_URL": "http://localhost:11434/v1/", "OPENAI_MODEL": "llama"]).chat
    #expect(own?.base == "http://localhost:11434/v1" && own?.key == nil && own?.model == "llama")
  }

  @Test(
    "A value that cannot be understood is an error that names its variable",
    arguments: [
      ("PORT", "http"), ("PORT", "70000"), ("MYAPP_PORT", "-1"), ("MYAPP_SEED", "perhaps"),
      ("OPENAI_BASE_URL", "localhost"),
      ("MYAPP_MAX_FILE_MB", "0"), ("MYAPP_CHAT_TIMEOUT", "soon"), ("MYAPP_ALLOW_PRIVATE_URLS", "2"),
    ])
  func refusals(name: String, value: String) {
    var environment = [name: value]
    if name == "MYAPP_CHAT_TIMEOUT" { environment["OPENAI_API_KEY"] = "k" }
    let error = #expect(throws: SettingsError.self) { try settings(environment) }
    #expect(error?.description.contains(name) ?? false)
    #expect(error?.description.contains(value) ?? false)
  }
}
