for _, model in ipairs({"gpt-audio", "gpt-audio-20*", "gpt-audio-mini", "gpt-audio-mini-20*", "gpt-4o-audio-preview",
  "gpt-4o-audio-preview-20*", "gpt-4o-mini-audio-preview", "gpt-4o-mini-audio-preview-20*",
  "gpt-4o-audio-preview-2024-10-01"}) do
  drop("model_prices", id_of(model, "standard", "0", "0"))
end
for _, id in ipairs(ids("model_prices", "all", nil, "-inf", "+inf", 1000000)) do
  local line = row("model_prices", id)
  local was_free = line.provider == "openai" and line.web_search_pico_usd == "10000000000"
  patch("model_prices", id, {
    web_search_pico_usd = was_free and "0" or line.web_search_pico_usd,
    audio_input_pico_usd = NULL, audio_cache_read_pico_usd = NULL, audio_output_pico_usd = NULL,
    image_input_pico_usd = NULL, image_output_pico_usd = NULL, reasoning_pico_usd = NULL
  })
end
return false
