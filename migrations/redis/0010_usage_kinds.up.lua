-- Usage needs no preparation: what is not there is 0, and a charge that is not there is the cost. In a price 0 is no
-- price of its own, never "free": such tokens cost what text does, and reasoning what output does.
local added = {
  audio_input_pico_usd = "0", audio_cache_read_pico_usd = "0", audio_output_pico_usd = "0",
  image_input_pico_usd = "0", image_output_pico_usd = "0", reasoning_pico_usd = "0"
}
for _, id in ipairs(ids("model_prices", "all", nil, "-inf", "+inf", 1000000)) do
  local line, missing = row("model_prices", id), {}
  for column, value in pairs(added) do
    if not line[column] then missing[column] = value end
  end
  -- Searches of OpenAI's web search tool are counted from now on: 10 USD a thousand (openai.com/api/pricing).
  if line.provider == "openai" and line.web_search_pico_usd == "0" and not line.model:find("^text%-embedding%-") then
    missing.web_search_pico_usd = "10000000000"
  end
  patch("model_prices", id, missing)
end

local columns = {
  "model", "provider", "tier", "context_over", "effective_from_ms", "input_pico_usd", "cache_write_5m_pico_usd",
  "cache_write_1h_pico_usd", "cache_read_pico_usd", "output_pico_usd", "web_search_pico_usd",
  "audio_input_pico_usd", "audio_cache_read_pico_usd", "audio_output_pico_usd", "image_input_pico_usd",
  "image_output_pico_usd", "reasoning_pico_usd"
}
-- An operator's own line of the same name stays.
local lines = {
  -- gpt-audio; audio input 32, output 64
  {"gpt-audio", "openai", "standard", 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 32000000, 0, 64000000, 0, 0, 0},
  {"gpt-audio-20*", "openai", "standard", 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 32000000, 0, 64000000, 0, 0, 0},
  -- gpt-audio-mini; audio 10 and 20
  {"gpt-audio-mini", "openai", "standard", 0, 0, 600000, 600000, 600000, 600000, 2400000, 10000000000, 10000000, 0, 20000000, 0, 0, 0},
  {"gpt-audio-mini-20*", "openai", "standard", 0, 0, 600000, 600000, 600000, 600000, 2400000, 10000000000, 10000000, 0, 20000000, 0, 0, 0},
  -- gpt-4o-audio-preview from 2024-12-17 on; audio 40 and 80
  {"gpt-4o-audio-preview", "openai", "standard", 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 40000000, 0, 80000000, 0, 0, 0},
  {"gpt-4o-audio-preview-20*", "openai", "standard", 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 40000000, 0, 80000000, 0, 0, 0},
  -- gpt-4o-mini-audio-preview; audio 10 and 20
  {"gpt-4o-mini-audio-preview", "openai", "standard", 0, 0, 150000, 150000, 150000, 150000, 600000, 10000000000, 10000000, 0, 20000000, 0, 0, 0},
  {"gpt-4o-mini-audio-preview-20*", "openai", "standard", 0, 0, 150000, 150000, 150000, 150000, 600000, 10000000000, 10000000, 0, 20000000, 0, 0, 0},
  -- gpt-4o-audio-preview of 2024-10-01; audio 100 and 200
  {"gpt-4o-audio-preview-2024-10-01", "openai", "standard", 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 100000000, 0, 200000000, 0, 0, 0}
}
for _, line in ipairs(lines) do
  local price = {}
  for i, column in ipairs(columns) do price[column] = tostring(line[i]) end
  insert("model_prices", price)
end
