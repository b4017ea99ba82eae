-- wrk: posts the recorded bodies (one a line in BODIES) to the given path, each thread from its own place on.
local bodies = {}
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
local threads, position = 0, 0
function setup(thread)
  thread:set("offset", threads * math.max(97, math.floor(#bodies / 2)))
  threads = threads + 1
end
function init() position = offset or 0 end
function request()
  position = position + 1
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, bodies[position % #bodies + 1])
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
