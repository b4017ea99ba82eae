import Foundation
import Logging

/// Raises the soft limit of open files to the hard one: each open collection needs a few.
func raiseOpenFileLimit(logger: Logger) {
  var limit = rlimit()
  #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    let resource = RLIMIT_NOFILE
  #endif
  guard getrlimit(resource, &limit) == 0 else { return }
  let before = limit.rlim_cur
  guard before < limit.rlim_max else { return }
  limit.rlim_cur = limit.rlim_max
  if setrlimit(resource, &limit) == 0 {
    logger.debug("Raised the limit of open files", metadata: ["from": "\(before)", "to": "\(limit.rlim_cur)"])
  } else {
    logger.warning("Cannot raise the limit of open files", metadata: ["limit": "\(before)"])
  }
}

/// Files this process may have open at once.
func openFileLimit() -> Int {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
  return Int(clamping: limit.rlim_cur)
}
