/// The table of settings: everything that reads, lists or explains them goes by it.
extension Setting {
  static let host = Setting(
    key: "listen_address", option: "--host", variables: ["CHROMA_LISTEN_ADDRESS", "CHROMA_SERVER_HOST"],
    expects: "an address", standard: "127.0.0.1; with a configuration file 0.0.0.0", summary: "Address to listen on.")
  static let port = Setting(
    key: "port", option: "--port", variables: ["CHROMA_PORT", "CHROMA_SERVER_HTTP_PORT"], lastVariables: ["PORT"],
    expects: "a port, 0 to 65535", standard: "8000", summary: "Port to listen on.")
  static let path = Setting(
    key: "persist_path", option: "--path", variables: ["CHROMA_PERSIST_PATH", "PERSIST_DIRECTORY"],
    expects: "a directory", standard: "./chroma_data", summary: "Data directory, made when it is not there.")
  static let leaseWait = Setting(
    key: "lease_wait_seconds", option: "--lease-wait", variables: ["CHROMA_LEASE_WAIT"],
    expects: "seconds, 0 to 86400", standard: "0",
    summary: "Seconds to wait for another process to let go of the data directory, answering 503 meanwhile.")
  static let memoryBudget = Setting(
    key: "memory_budget", option: "--memory-budget", variables: ["CHROMA_MEMORY_BUDGET"],
    expects: "bytes, or a number with M or G behind it; 128M or more",
    standard: "three quarters of the container's limit, or of the machine's memory",
    summary:
      "Memory to stay under, such as 512M or 2G: near it idle collections are closed, writes wait, and then writes and "
      + "bodies are answered 503. Mapped files do not count.")
  static let vectorInstructions = Setting(
    key: "vector_instructions", variables: ["CHROMA_VECTOR_INSTRUCTIONS"],
    expects: "auto, scalar, avx2, avx512 or neon", standard: "auto",
    summary: "The widest instructions to compute distances with; those the CPU lacks stay out of use.")
  static let allowReset = Setting(
    key: "allow_reset", option: "--allow-reset", variables: ["CHROMA_ALLOW_RESET", "ALLOW_RESET"],
    expects: "true or false", standard: "false", summary: "Let clients remove everything with POST /api/v2/reset.")
  static let corsAllowOrigins = Setting(
    key: "cors_allow_origins", option: "--cors-allow-origin",
    variables: ["CHROMA_CORS_ALLOW_ORIGINS", "CHROMA_SERVER_CORS_ALLOW_ORIGINS"],
    expects: #"a list of origins such as ["https://example.org"], or ["*"]"#, standard: "none",
    summary: "Origins whose pages may call the server.")
  static let classicClients = Setting(
    key: "classic_clients", variables: ["CHROMA_CLASSIC_CLIENTS"], expects: "auto, off or force", standard: "auto",
    summary: "Answer Python clients before 1.0 in their own shapes: when a request looks like theirs, never, always.")

  static let backupDirectory = Setting(
    key: "backup_directory", option: "--backup-dir", variables: ["CHROMA_BACKUP_DIR"], expects: "a directory",
    standard: "none", summary: "Where backups are kept; without it the server makes none.")

  static let logFormat = Setting(
    key: "log_format", option: "--log-format", variables: ["CHROMA_LOG_FORMAT"], expects: "auto, human or json",
    standard: "auto", summary: "auto is human on a terminal and json elsewhere.")
  static let logLevel = Setting(
    key: "log_level", option: "--log-level", variables: ["CHROMA_LOG_LEVEL"],
    expects: "trace, debug, info, notice, warning, error or critical", standard: "info",
    summary: "How much to log.")
  static let auditLog = Setting(
    key: "audit_log", option: "--audit-log", variables: ["CHROMA_AUDIT_LOG"],
    expects: "a file, or - for standard error", standard: "none",
    summary: "Where to write who did what: one line of JSON a request.")

  static let general: [Setting] = [
    host, port, path, backupDirectory, leaseWait, memoryBudget, vectorInstructions, allowReset, corsAllowOrigins,
    classicClients, logFormat, logLevel, auditLog,
  ]

  // MARK: Authentication

  static let auth = Setting(
    key: "auth.mode", option: "--auth", variables: ["CHROMA_AUTH"], expects: "auto or off",
    standard: "off, unless credentials are configured",
    summary: "auto makes a token at the first start, prints it once and keeps only its hash.")
  static let requireAuth = Setting(
    key: "auth.require", option: "--require-auth", variables: ["CHROMA_REQUIRE_AUTH"], expects: "true or false",
    standard: "false", summary: "Refuse to start without authentication.")
  static let authToken = Setting(
    key: "auth.token", variables: ["CHROMA_AUTH_TOKEN"], expects: "a token", standard: "none", isSecret: true,
    summary: "One token that may do everything. Passed over where other credentials are configured.")
  static let authTokenFile = Setting(
    key: "auth.token_file", option: "--auth-token-file", variables: ["CHROMA_AUTH_TOKEN_FILE"], expects: "a file",
    standard: "none", summary: "The same, read from a file.")
  static let authnProvider = Setting(
    key: "auth.provider", variables: ["CHROMA_SERVER_AUTHN_PROVIDER", "CHROMA_SERVER_AUTH_PROVIDER"],
    expects: "token or basic (the class names of Chroma 0.4 to 0.6 mean the same)", standard: "none",
    summary: "What the credentials are.")
  static let authnCredentials = Setting(
    key: "auth.credentials", variables: ["CHROMA_SERVER_AUTHN_CREDENTIALS", "CHROMA_SERVER_AUTH_CREDENTIALS"],
    expects: "a token, users with tokens in YAML, or the lines of an htpasswd file", standard: "none", isSecret: true,
    summary: "The credentials themselves.")
  static let authnCredentialsFile = Setting(
    key: "auth.credentials_file",
    variables: ["CHROMA_SERVER_AUTHN_CREDENTIALS_FILE", "CHROMA_SERVER_AUTH_CREDENTIALS_FILE"], expects: "a file",
    standard: "none", summary: "The same, read from a file.")
  static let credentialsProvider = Setting(
    key: "auth.credentials_provider", variables: ["CHROMA_SERVER_AUTH_CREDENTIALS_PROVIDER"],
    expects: "one of Chroma 0.4's classes for htpasswd or tokens", standard: "none",
    summary: "Understood for Chroma 0.4's sake; auth.provider says it all.")
  static let tokenTransportHeader = Setting(
    key: "auth.token_transport_header",
    variables: ["CHROMA_AUTH_TOKEN_TRANSPORT_HEADER", "CHROMA_SERVER_AUTH_TOKEN_TRANSPORT_HEADER"],
    expects: "Authorization or X-Chroma-Token", standard: "both",
    summary: "The one header that tokens are taken from.")
  static let authzProvider = Setting(
    key: "auth.authz_provider", variables: ["CHROMA_SERVER_AUTHZ_PROVIDER"],
    expects: "rbac (the class names of Chroma 0.4 to 0.6 mean the same)", standard: "none",
    summary: "How actions are allowed.")
  static let authzConfig = Setting(
    key: "auth.authz_config", variables: ["CHROMA_SERVER_AUTHZ_CONFIG"], expects: "roles and users in YAML",
    standard: "none", isSecret: true, summary: "Roles and their users.")
  static let authzConfigFile = Setting(
    key: "auth.authz_config_file", variables: ["CHROMA_SERVER_AUTHZ_CONFIG_FILE"], expects: "a file",
    standard: "none", summary: "The same, read from a file.")
  static let overwriteSingleton = Setting(
    key: "auth.overwrite_singleton_tenant_database_access_from_auth",
    variables: ["CHROMA_OVERWRITE_SINGLETON_TENANT_DATABASE_ACCESS_FROM_AUTH"], expects: "true or false",
    standard: "false",
    summary: "On API v1, a user of one tenant or one database reaches it by the default names.")
  static let publicPaths = Setting(
    key: "auth.public_paths",
    variables: ["CHROMA_PUBLIC_PATHS", "CHROMA_SERVER_AUTH_IGNORE_PATHS", "CHROMA_SERVER_AUTHZ_IGNORE_PATHS"],
    expects: #"a list of paths such as ["/api/v2/heartbeat"]"#,
    standard: "root, heartbeat, version, healthcheck, pre-flight-checks, docs",
    summary: "Paths that need no credentials; only those of the default can be among them.")
  static let jwksFile = Setting(
    key: "auth.jwt.jwks_file", variables: ["CHROMA_JWT_JWKS_FILE"], expects: "a file", standard: "none",
    summary: "Keys (JSON Web Key Set) that sign tokens; turns signed tokens (JWT) on.")
  static let jwksURL = Setting(
    key: "auth.jwt.jwks_url", variables: ["CHROMA_JWT_JWKS_URL"], expects: "an https URL", standard: "none",
    summary: "The same, fetched and kept fresh.")
  static let jwtIssuer = Setting(
    key: "auth.jwt.issuer", variables: ["CHROMA_JWT_ISSUER"], expects: "an issuer", standard: "any",
    summary: "The iss a signed token must have.")
  static let jwtAudience = Setting(
    key: "auth.jwt.audience", variables: ["CHROMA_JWT_AUDIENCE"], expects: "an audience", standard: "any",
    summary: "An aud a signed token must have.")
  static let jwtUserClaim = Setting(
    key: "auth.jwt.user_claim", variables: ["CHROMA_JWT_USER_CLAIM"], expects: "a claim", standard: "sub",
    summary: "The claim that names the user; dots go into objects.")
  static let jwtRoleClaim = Setting(
    key: "auth.jwt.role_claim", variables: ["CHROMA_JWT_ROLE_CLAIM"], expects: "a claim", standard: "role",
    summary: "The claim that names the role or roles.")
  static let jwtTenantClaim = Setting(
    key: "auth.jwt.tenant_claim", variables: ["CHROMA_JWT_TENANT_CLAIM"], expects: "a claim", standard: "tenant",
    summary: "The claim that names the one tenant.")
  static let jwtDatabasesClaim = Setting(
    key: "auth.jwt.databases_claim", variables: ["CHROMA_JWT_DATABASES_CLAIM"], expects: "a claim",
    standard: "databases", summary: "The claim that names the databases.")
  static let jwtDefaultRole = Setting(
    key: "auth.jwt.default_role", variables: ["CHROMA_JWT_DEFAULT_ROLE"], expects: "a role", standard: "none",
    summary: "The role of a signed token that names none. Without it such a token may do nothing.")

  static let authentication: [Setting] = [
    auth, requireAuth, authToken, authTokenFile, authnProvider, authnCredentials, authnCredentialsFile,
    credentialsProvider, tokenTransportHeader, authzProvider, authzConfig, authzConfigFile, overwriteSingleton,
    publicPaths, jwksFile, jwksURL, jwtIssuer, jwtAudience, jwtUserClaim, jwtRoleClaim, jwtTenantClaim,
    jwtDatabasesClaim, jwtDefaultRole,
  ]

  // MARK: TLS

  static let certificateFile = Setting(
    key: "tls.certificate_file", option: "--ssl-certfile", variables: ["CHROMA_SSL_CERTFILE"],
    expects: "a PEM file", standard: "none",
    summary: "Certificate chain; turns TLS on. Read again when it changes.")
  static let privateKeyFile = Setting(
    key: "tls.private_key_file", option: "--ssl-keyfile", variables: ["CHROMA_SSL_KEYFILE"], expects: "a PEM file",
    standard: "none", summary: "The certificate's private key.")
  static let clientCAFile = Setting(
    key: "tls.client_ca_file", option: "--ssl-client-ca", variables: ["CHROMA_SSL_CLIENT_CA"], expects: "a PEM file",
    standard: "none", summary: "Only clients with a certificate signed by one of these may connect.")

  static let tls: [Setting] = [certificateFile, privateKeyFile, clientCAFile]

  // MARK: Limits

  static let maxBodyBytes = Setting(
    key: "max_payload_size_bytes", option: "--max-body-bytes", variables: ["CHROMA_MAX_PAYLOAD_SIZE_BYTES"],
    expects: "a number of bytes, 1 to 1073741824", standard: "41943040", summary: "Largest request body.")
  static let maxRequestsInFlight = Setting(
    key: "limits.requests_in_flight", variables: ["CHROMA_MAX_REQUESTS_IN_FLIGHT"],
    expects: "a number, 1 to 1000000", standard: "4096",
    summary: "Requests worked on at one time; more are answered 503.")
  static let maxBodyBytesInFlight = Setting(
    key: "limits.body_bytes_in_flight", variables: ["CHROMA_MAX_BODY_BYTES_IN_FLIGHT"],
    expects: "a number of bytes, 1 to 1099511627776",
    standard: "1073741824, or a quarter of the memory budget where that is less",
    summary: "What all bodies being received may hold together; more is answered 503.")
  static let maxRecords = Setting(
    key: "limits.records_per_request", variables: ["CHROMA_MAX_RECORDS_PER_REQUEST"],
    expects: "a number, 1 to 4294967295", standard: "1000000", summary: "Records in one add, update or upsert.")
  static let maxResults = Setting(
    key: "limits.results_per_query", variables: ["CHROMA_MAX_RESULTS"], expects: "a number, 1 to 4294967295",
    standard: "4294967295", summary: "Largest n_results of a query.")
  static let maxFilterDepth = Setting(
    key: "limits.filter_depth", variables: ["CHROMA_MAX_FILTER_DEPTH"], expects: "a number, 1 to 64",
    standard: "64", summary: "How deep $and and $or may nest.")
  static let maxFilterTerms = Setting(
    key: "limits.filter_terms", variables: ["CHROMA_MAX_FILTER_TERMS"], expects: "a number, 1 to 4294967295",
    standard: "100000", summary: "Comparisons, and values of $in and $nin, in one filter.")
  static let maxRegexBytes = Setting(
    key: "limits.regex_bytes", variables: ["CHROMA_MAX_REGEX_BYTES"], expects: "a number of bytes, 1 to 1048576",
    standard: "65536", summary: "Longest regular expression.")
  static let requestsPerSecond = Setting(
    key: "limits.requests_per_second", variables: ["CHROMA_MAX_REQUESTS_PER_SECOND"],
    expects: "a number, 1 to 1000000, or 0 for no limit", standard: "0",
    summary: "Requests of one user, or one address where nobody is recognised; more are answered 429.")
  static let failedAttempts = Setting(
    key: "limits.failed_attempts", variables: ["CHROMA_MAX_FAILED_ATTEMPTS"],
    expects: "a number, 1 to 1000000, or 0 for no limit", standard: "20",
    summary: "Wrong passwords in a row from one address before it has to wait: a second, two, four, up to a minute.")
  static let idleTimeout = Setting(
    key: "limits.idle_seconds", variables: ["CHROMA_IDLE_TIMEOUT_SECONDS"], expects: "seconds, 1 to 86400",
    standard: "120", summary: "Until an idle connection is closed. Python clients keep theirs for 40.")
  static let headTimeout = Setting(
    key: "limits.head_seconds", variables: ["CHROMA_HEAD_TIMEOUT_SECONDS"], expects: "seconds, 1 to 86400",
    standard: "20", summary: "Until a request's head, once begun, must be there.")
  static let minBodyRate = Setting(
    key: "limits.body_bytes_per_second", variables: ["CHROMA_MIN_BODY_BYTES_PER_SECOND"],
    expects: "a number of bytes, 0 to 1073741824", standard: "1024",
    summary: "A body that comes slower, after a grace of 30 seconds, ends the connection. 0 waits for ever.")
  static let trustedProxies = Setting(
    key: "trusted_proxies", variables: ["CHROMA_TRUSTED_PROXIES"],
    expects: #"a list of addresses or networks such as ["10.0.0.0/8"]"#, standard: "none",
    summary: "Proxies whose X-Forwarded-For says where a request comes from.")

  static let limits: [Setting] = [
    maxBodyBytes, maxBodyBytesInFlight, maxRequestsInFlight, maxRecords, maxResults, maxFilterDepth, maxFilterTerms,
    maxRegexBytes,
    requestsPerSecond, failedAttempts, idleTimeout, headTimeout, minBodyRate, trustedProxies,
  ]

  static let all = general + authentication + tls + limits
}
