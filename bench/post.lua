-- wrk: one POST, over and over; prints one line of JSON at the end.
-- Arguments: a file with keys, path, a file with the body, its coding ("identity": none), and for a checking run
-- the answer's length. Several keys call in turn.
-- Only a checking run looks at each answer: that costs wrk, and so the other side of the core, a lot.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local path, body, coding, length = arguments[2], arguments[3], arguments[4], tonumber(arguments[5])
  local file = assert(io.open(body, "rb"))
  wrk.method = "POST"
  wrk.path = path
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["content-type"] = "application/json"
  if path == "/v1/messages" then wrk.headers["anthropic-version"] = "2023-06-01" end
  if coding ~= "identity" then wrk.headers["content-encoding"] = coding end
  local requests = {}
  for key in io.lines(arguments[1]) do
    wrk.headers["authorization"] = "Bearer " .. key
    table.insert(requests, wrk.format())
  end
  if #requests > 1 then
    local turn = 0
    request = function()
      turn = turn % #requests + 1
      return requests[turn]
    end
  end
  bad = 0
  if length then
    response = function(status, headers, body)
      if status ~= 200 or #body ~= length then bad = bad + 1 end
    end
  end
end

function done(summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("bad")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"bytes":%d,"duration_us":%d,"wrong":%d,"errors":%d,"median_us":%d,"p99_us":%d}\n',
    summary.requests, summary.bytes, summary.duration, wrong,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
