-- People, their sign-ins, plans and keys. store/redis/tables.lua declares all tables: only what a new store has in it
-- stands here. Times are epoch milliseconds, money is nano-dollars; 0 in a limit is "none". Lists are one entry a line.
local function plan(id, name, price, keys, tokens_per_month, requests_per_minute, requests_per_day)
  upsert("plans", {
    id = id, name = name, monthly_price_nano_usd = price, max_keys = keys, tokens_per_month = tokens_per_month,
    requests_per_minute = requests_per_minute, tokens_per_minute = "0", requests_per_day = requests_per_day,
    concurrency = "0", permissions = "claude,codex"
  })
end

plan("free", "Free", "0", "3", "100000", "20", "1000")
plan("basic", "Basic", "9990000000", "10", "1000000", "60", "10000")
plan("pro", "Pro", "49990000000", "50", "10000000", "200", "100000")
plan("enterprise", "Enterprise", "0", "0", "0", "0", "0")
