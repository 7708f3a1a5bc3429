local calls = {}

-- Words: how many, and each.
function calls.insert()
  for _ = 1, number() do
    local object = fields()
    local status = values("users", object.user_id, "status")
    if status and status ~= "deleted" then insert("provider_objects", object) end
  end
  return 1
end

function calls.find()
  return raw("provider_objects", word())
end

-- Words: user, provider, kind, purpose or "".
local function listed(walk)
  local user, provider, kind, purpose = word(), word(), word(), word()
  local function keep(id) return values("provider_objects", id, "purpose") == purpose end
  return walk("provider_objects", "owned", id_of(user, provider, kind), purpose ~= "" and keep or nil)
end

function calls.list()
  return listed(page)
end

function calls.list_on()
  return listed(page_on)
end

function calls.set_usage_recorded()
  local id = word()
  if exists("provider_objects", id) then patch("provider_objects", id, {usage_recorded = "1"}) end
  return 1
end

function calls.remove()
  drop("provider_objects", word())
  return 1
end

function calls.delete_expired()
  return sweep("provider_objects", "expires", nil, word())
end

return answer(calls)
