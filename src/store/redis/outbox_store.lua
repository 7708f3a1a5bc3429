-- Mails that wait. "free" is the index of when each may be claimed.
local calls = {}

local function is_held(id, holder)
  return values("outbox", id, "holder") == holder
end

calls.put = function()
  if insert("outbox", fields()) then return refuse("duplicate") end
  return 1
end

-- Words: holder, now, lease's end, how many.
calls.claim = function()
  local holder, now, lease_until, limit = word(), word(), word(), number()
  local mails = {}
  for _, id in ipairs(ids("outbox", "free", nil, "-inf", now, math.min(limit, PIECE))) do
    local attempts = tonumber(values("outbox", id, "attempts") or "0")
    patch("outbox", id, {holder = holder, lease_until_ms = lease_until, attempts = string.format("%d", attempts + 1)})
    mails[#mails + 1] = raw("outbox", id)
  end
  return mails
end

calls.finish = function()
  local id, holder = word(), word()
  if not is_held(id, holder) then return refuse("mail_not_held") end
  drop("outbox", id)
  return 1
end

-- Words: mail, holder, changes.
calls.change = function()
  local id, holder = word(), word()
  if not is_held(id, holder) then return refuse("mail_not_held") end
  patch("outbox", id, fields())
  return 1
end

calls.next_due = function()
  return call("ZRANGE", index_key("outbox", "free"), 0, 0, "WITHSCORES")[2] or ""
end

calls.delete_given_up = function()
  return sweep("outbox", "given_up", nil, word())
end

return answer(calls)
