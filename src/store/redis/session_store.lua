local calls = {}

function calls.insert()
  local session = fields()
  if not exists("users", session.user_id) then return refuse("user_unknown") end
  return insert("sessions", session) and refuse("duplicate")
end

function calls.find()
  local found = raw("sessions", word())
  if #found == 0 then return refuse("session_unknown") end
  return found
end

-- {the session, whether this is its current token}
function calls.find_by_refresh_hash()
  local hash = word()
  local id = id_by("sessions", "refresh_hash", hash)
  if id then return {raw("sessions", id), 1} end
  id = values("session_spent_tokens", hash, "session_id")
  if not id then return refuse("session_unknown") end
  return {raw("sessions", id), 0}
end

function calls.rotate()
  local id, from, to, now, expires = word(), word(), word(), word(), word()
  if not exists("sessions", id) then return refuse("session_unknown") end
  local current, revoked = values("sessions", id, "refresh_hash", "revoked_at_ms")
  if current ~= from or revoked then return refuse("refresh_token_rotated") end
  if exists("session_spent_tokens", from) then return refuse("duplicate") end
  local violated = patch("sessions", id, {
    refresh_hash = to, previous_refresh_hash = from, rotated_at_ms = now, last_used_at_ms = now, expires_at_ms = expires
  })
  if violated then return refuse("duplicate") end
  insert("session_spent_tokens", {refresh_hash = from, session_id = id, spent_at_ms = now})
end

local function is_later(time, now)
  return tonumber(time) > tonumber(now)
end

function calls.list_live()
  local user, now = word(), word()
  return page("sessions", "open", user, function(id) return is_later(values("sessions", id, "expires_at_ms"), now) end)
end

-- {addresses, score, member}, as page() answers rows.
function calls.addresses_of()
  local email, score, member = word(), word(), word()
  local user = id_by("users", "email", email)
  if not user then return {{}} end
  local found = {}
  local sessions = preceding("sessions", "used", user, score, member, PIECE)
  for i, id in ipairs(sessions) do
    found[i] = values("sessions", id, "address")
    if i == PIECE then return {found, call("ZSCORE", index_key("sessions", "used", user), id), id} end
  end
  return {found}
end

function calls.revoke()
  local user, id, now = word(), word(), word()
  local owner, revoked = values("sessions", id, "user_id", "revoked_at_ms")
  if owner ~= user then return refuse("session_unknown") end
  if not revoked then patch("sessions", id, {revoked_at_ms = now}) end
end

-- A piece of them: {ids of those that were live, whether there may be more}.
function calls.end_all()
  local index, group, except, now = word(), word(), word(), word()
  local found = ids("sessions", index, group, "-inf", "+inf", CHANGES)
  local live = {}
  for _, id in ipairs(found) do
    if id ~= except then
      if is_later(values("sessions", id, "expires_at_ms"), now) then live[#live + 1] = id end
      patch("sessions", id, {revoked_at_ms = now})
    end
  end
  return {live, #found == CHANGES and 1 or 0}
end

function calls.delete_ended()
  return sweep("sessions", "ended", nil, word())
end

return answer(calls)
