local calls = {}

-- How many others are known; -1 when this one is.
function calls.remember()
  local user, fingerprint, now, most = word(), word(), word(), number()
  local id = id_of(user, fingerprint)
  if exists("known_devices", id) then
    patch("known_devices", id, {last_seen_at_ms = now})
    return -1
  end
  if not exists("users", user) then return refuse("user_unknown") end
  local others = count("known_devices", "user", user)
  if others >= most then  -- the one seen longest ago makes room
    drop("known_devices", ids("known_devices", "user", user, "-inf", "+inf", 1)[1])
  end
  insert("known_devices", {user_id = user, fingerprint = fingerprint, first_seen_at_ms = now, last_seen_at_ms = now})
  return others
end

function calls.delete_unseen()
  return sweep("known_devices", "seen", nil, word())
end

return answer(calls)
