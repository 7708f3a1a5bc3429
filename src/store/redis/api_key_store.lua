local calls = {}

local function keys_in_use(user)
  return count("api_keys", "standing", id_of(user, "active")) + count("api_keys", "standing", id_of(user, "inactive"))
end

function calls.insert()
  local key, most = fields(), number()
  if most > 0 and keys_in_use(key.user_id) >= most then return refuse("key_limit_reached") end
  -- A hash must be new among the retiring ones too: one secret is one key.
  if id_by("api_keys", "retiring_hash", key.key_hash) then return refuse("duplicate") end
  if not exists("users", key.user_id) then return refuse("user_unknown") end
  return insert("api_keys", key) and refuse("duplicate")
end

-- {key, user, plan, whether it was found by its secret before this one}
local function access(id, by_old_secret)
  local key = id and raw("api_keys", id) or {}
  if #key == 0 then return refuse("api_key_unknown") end
  local user_id = values("api_keys", id, "user_id")
  local plan_id = values("users", user_id, "plan_id")
  if not plan_id or not exists("plans", plan_id) then return refuse("api_key_unknown") end
  return {key, raw("users", user_id), raw("plans", plan_id), by_old_secret}
end

function calls.find_access()
  local hash = word()
  local id = id_by("api_keys", "key_hash", hash)
  if id then return access(id, 0) end
  return access(id_by("api_keys", "retiring_hash", hash), 1)
end

function calls.find_access_by_id()
  return access(word(), 0)
end

local function is_of(user, id)
  return values("api_keys", id, "user_id") == user
end

function calls.find()
  local user, id = word(), word()
  if not is_of(user, id) then return refuse("api_key_unknown") end
  return raw("api_keys", id)
end

function calls.find_by_id()
  local found = raw("api_keys", word())
  if #found == 0 then return refuse("api_key_unknown") end
  return found
end

function calls.find_by_hash()
  local hash = word()
  local id = id_by("api_keys", "key_hash", hash) or id_by("api_keys", "retiring_hash", hash)
  if not id then return refuse("api_key_unknown") end
  return raw("api_keys", id)
end

-- What it shows as at `now`: "expired" is never stored.
local function status_at(now, status, expires)
  if status == "active" and expires and tonumber(expires) <= tonumber(now) then return "expired" end
  return status
end

function calls.list()
  local user, status, now, search = list(), word(), word(), word()
  local function keep(id)
    local own_status, expires, name, description, tags =
      values("api_keys", id, "status", "expires_at_ms", "name", "description", "tags")
    return (status == "" or status_at(now, own_status, expires) == status) and
      (search == "" or has(name, search) or has(description, search) or has(tags, search))
  end
  if status == "" and search == "" then keep = nil end
  return page("api_keys", user[1] and "user" or "created", user[1], keep)
end

local function change(user, id, changes)
  if not is_of(user, id) then return refuse("api_key_unknown") end
  if values("api_keys", id, "status") == "revoked" then return refuse("api_key_revoked") end
  if patch("api_keys", id, changes) then return refuse("duplicate") end
  return raw("api_keys", id)
end

function calls.update()
  return change(word(), word(), fields())
end

function calls.revoke()
  local user, id, now = word(), word(), word()
  if not is_of(user, id) then return refuse("api_key_unknown") end
  if values("api_keys", id, "status") == "revoked" then return end
  patch("api_keys", id, {status = "revoked", retiring_hash = NULL, retiring_until_ms = NULL, updated_at_ms = now})
end

-- `changes` has the new secret, and retiring_until_ms: NULL when the old one is dead at once.
function calls.replace_secret()
  local user, id, changes = word(), word(), fields()
  if not is_of(user, id) then return refuse("api_key_unknown") end
  if id_by("api_keys", "retiring_hash", changes.key_hash) then return refuse("duplicate") end
  changes.retiring_hash = changes.retiring_until_ms and values("api_keys", id, "key_hash") or NULL
  return change(user, id, changes)
end

function calls.touch_last_used()
  for _ = 1, number() do
    local id, at, address = word(), word(), word()
    if exists("api_keys", id) then
      local last = values("api_keys", id, "last_used_at_ms")
      if not last or tonumber(last) < tonumber(at) then
        patch("api_keys", id, {last_used_at_ms = at, last_used_address = address})
      end
    end
  end
end

function calls.list_expiring()
  local up_to = word()
  return page_on("api_keys", "expires", "active", function(id)
    return values("users", values("api_keys", id, "user_id"), "status") == "active"
  end, up_to)
end

function calls.delete_revoked()
  return sweep("api_keys", "updated", "revoked", word())
end

function calls.count_by_user()
  return keys_in_use(word())
end

return answer(calls)
