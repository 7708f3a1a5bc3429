-- Stands behind the text of one migration, which is `change(empty)`: see redis_migrations.cpp. A script of Redis's is
-- not undone when it fails half-way; what a migration writes is written by upsert, so that it can be done again.
local calls = {}

local LOCK = base .. "migrating"
local LOCK_MS = 30000

-- Drops rows of these tables, as many as one call may. Whether there may be more.
local function empty(...)
  local budget = BUDGET
  for _, name in ipairs({...}) do
    for index, declaration in pairs(table_of(name).sorted) do
      if not declaration.group and not declaration.member then
        for _, id in ipairs(ids(name, index, nil, "-inf", "+inf", budget)) do
          drop(name, id)
          budget = budget - 1
        end
        break
      end
    end
    if budget == 0 then return true end
  end
  return false
end

-- A token that no other has, while nobody else migrates; 0 when somebody does. It holds for half a minute after each
-- call.
function calls.lock()
  if call("EXISTS", LOCK) == 1 then return 0 end
  local token = call("INCR", LOCK .. "_count")
  call("SET", LOCK, token, "PX", LOCK_MS)
  return token
end

function calls.unlock()
  if call("GET", LOCK) == word() then call("DEL", LOCK) end
end

function calls.applied()
  return page_on("schema_migrations", "version")
end

local function holds_lock()
  if call("GET", LOCK) ~= word() then return false end
  call("PEXPIRE", LOCK, LOCK_MS)
  return true
end

function calls.up()
  if not holds_lock() then return refuse("migration_lock_lost") end
  change(empty)
  upsert("schema_migrations", fields())
end

-- 1 when there is more to do.
function calls.down()
  if not holds_lock() then return refuse("migration_lock_lost") end
  if change(empty) then return 1 end
  drop("schema_migrations", word())
  return 0
end

return calls[word()]()
