local calls = {}

function calls.bump()
  return call("HINCRBY", row_key("revisions", "cached"), "revision", 1)
end

function calls.current()
  return tonumber(values("revisions", "cached", "revision") or "0")
end

return answer(calls)
