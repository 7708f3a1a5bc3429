#include "api/price_object.h"

#include "api/field_reader.h"
#include "text/rfc3339.h"

#include <utility>

namespace relay {
namespace {

Error wrong(const char* field, const char* words) {
  return Error(ErrorKind::validation, "price_invalid", "A price is not valid").on_field(field, words);
}

}  // namespace

PriceObject to_price_object(const ModelPrice& line) {
  const auto rates = line.rates.in_full();
  return {.id = to_price_id(PriceLineName::of(line)),
          .model = line.model,
          .provider = line.provider,
          .tier = line.tier,
          .context_over = line.context_over,
          .effective_from = line.effective_from,
          .input = to_token_price(rates.input),
          .cache_write_5m = to_token_price(rates.cache_write_5m),
          .cache_write_1h = to_token_price(rates.cache_write_1h),
          .cache_read = to_token_price(rates.cache_read),
          .output = to_token_price(rates.output),
          .audio_input = to_token_price(rates.audio_input),
          .audio_cache_read = to_token_price(rates.audio_cache_read),
          .audio_output = to_token_price(rates.audio_output),
          .image_input = to_token_price(rates.image_input),
          .image_output = to_token_price(rates.image_output),
          .reasoning = to_token_price(rates.reasoning),
          .web_search = to_thousand_price(line.web_search_request)};
}

Result<GivenRates> to_given_rates(const RateFields& fields) {
  GivenRates given;
  FieldReader reader;
  const auto take = [&reader](const std::optional<std::string>& text, const char* name, auto& slot) {
    if (text) reader.take(parse_token_price(*text, name), slot);
  };
  take(fields.input, "input", given.input);
  take(fields.cache_write_5m, "cacheWrite5m", given.cache_write_5m);
  take(fields.cache_write_1h, "cacheWrite1h", given.cache_write_1h);
  take(fields.cache_read, "cacheRead", given.cache_read);
  take(fields.output, "output", given.output);
  take(fields.audio_input, "audioInput", given.audio_input);
  take(fields.audio_cache_read, "audioCacheRead", given.audio_cache_read);
  take(fields.audio_output, "audioOutput", given.audio_output);
  take(fields.image_input, "imageInput", given.image_input);
  take(fields.image_output, "imageOutput", given.image_output);
  take(fields.reasoning, "reasoning", given.reasoning);
  if (fields.web_search) {
    reader.take(parse_thousand_price(*fields.web_search, "webSearch"), given.web_search_request);
  }
  CHECK(std::move(reader).outcome());
  return given;
}

Result<WallTime> parse_price_moment(const std::string& text, const char* field) {
  auto moment = parse_rfc3339(text);
  if (!moment) moment = parse_date(text);
  if (!moment) return wrong(field, "must be a time (RFC 3339) or a day as in 2026-01-31");
  return *moment;
}

Result<ModelPrice> to_new_price(const NewPriceFields& fields, WallTime now) {
  FieldReader reader;
  std::optional<GivenRates> given;
  reader.take(to_given_rates(fields), given);
  if (!fields.input) reader.refuse(wrong("input", "is required"));
  if (!fields.output) reader.refuse(wrong("output", "is required"));
  if (!is_price_model(fields.model)) {
    reader.refuse(wrong("model", "must be a name or a * pattern of 1 to 200 visible ASCII characters"));
  }
  if (fields.provider != "anthropic" && fields.provider != "openai") {
    reader.refuse(wrong("provider", "must be anthropic or openai"));
  }
  const auto tier = fields.tier.value_or("standard");
  if (!is_price_tier(tier)) {
    reader.refuse(wrong("tier", "must be standard, priority, flex, batch or fast"));
  }
  std::optional<WallTime> from = now;
  if (fields.effective_from) reader.take(parse_price_moment(*fields.effective_from, "effectiveFrom"), from);
  CHECK(std::move(reader).outcome());
  ModelPrice line{
      .model = fields.model, .provider = fields.provider, .tier = tier, .effective_from = *from, .rates = {}};
  if (fields.context_over) line.context_over = fields.context_over->value;
  complete_rates(line, *given);
  return line;
}

}  // namespace relay
