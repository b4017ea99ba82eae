#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Seconds of wall time, of CPU time of the calling thread, and of the whole process.
func wallTime() -> Double { seconds(CLOCK_MONOTONIC) }
func threadTime() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
func processTime() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func fixed(_ value: Double, _ digits: Int) -> String {
  let scale = pow(10, Double(digits))
  return "\((value * scale).rounded() / scale)"
}
