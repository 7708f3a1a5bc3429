-- wrk: one POST, over and over; prints one line of JSON at the end.
-- Arguments: key, the x-simulate header, stream (true or false), and for a checking run the body's length.
-- Only a checking run looks at each answer: that costs wrk, and so the other side of the core, a lot.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local key, simulate, stream, length = arguments[1], arguments[2], arguments[3], tonumber(arguments[4])
  local start = '{"model":"claude-sonnet-4-5","max_tokens":1024,"stream":' .. stream ..
    ',"messages":[{"role":"user","content":"'
  local stop = '"}]}'
  wrk.method = "POST"
  wrk.path = "/v1/messages"
  wrk.body = start .. string.rep("a", 600 - #start - #stop) .. stop
  wrk.headers["content-type"] = "application/json"
  wrk.headers["anthropic-version"] = "2023-06-01"
  wrk.headers["x-api-key"] = key
  wrk.headers["x-simulate"] = simulate
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
