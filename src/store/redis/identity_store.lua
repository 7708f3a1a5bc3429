local calls = {}

function calls.insert()
  local identity = fields()
  if not exists("users", identity.user_id) then return refuse("user_unknown") end
  local violated = insert("user_identities", identity)
  return violated and refuse(violated == "subject" and "identity_taken" or "duplicate")
end

function calls.find()
  local id = id_by("user_identities", "subject", word(), word())
  if not id then return refuse("identity_unknown") end
  return raw("user_identities", id)
end

function calls.list()
  return page_on("user_identities", "user", word())
end

function calls.record_use()
  local id, email, now = word(), word(), word()
  if exists("user_identities", id) then patch("user_identities", id, {email = email, last_used_at_ms = now}) end
end

function calls.remove()
  local user, id = word(), word()
  if values("user_identities", id, "user_id") ~= user then return refuse("identity_unknown") end
  drop("user_identities", id)
end

return answer(calls)
