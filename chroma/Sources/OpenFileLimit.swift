import Foundation
import Logging

#if canImport(Glibc)
  private let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
  private let openFiles = RLIMIT_NOFILE
#endif

/// Files this process may have open at once.
func openFileLimit() -> Int {
  var limit = rlimit()
  return getrlimit(openFiles, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 1024
}

/// Raises the soft limit of open files to the hard one: each open collection needs a few.
func raiseOpenFileLimit(logger: Logger) {
  var limit = rlimit()
  guard getrlimit(openFiles, &limit) == 0 else { return }
  let before = limit.rlim_cur
  guard before < limit.rlim_max else { return }
  limit.rlim_cur = limit.rlim_max
  if setrlimit(openFiles, &limit) == 0 {
    logger.debug("Raised the limit of open files", metadata: ["from": "\(before)", "to": "\(limit.rlim_cur)"])
  } else {
    logger.warning("Cannot raise the limit of open files", metadata: ["limit": "\(before)"])
  }
}
