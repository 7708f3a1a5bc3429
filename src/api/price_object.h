// A line of the price table as the admin API shows it and takes it.
#pragma once

#include "domain/price.h"
#include "json/binding.h"

#include <optional>
#include <string>

namespace relay {

/// Prices of tokens are USD per million, of web searches USD per thousand.
struct PriceObject {
  std::string id;
  std::string model;
  std::string provider;
  std::string tier;
  std::int64_t context_over = 0;
  WallTime effective_from;
  std::string input;
  std::string cache_write_5m;
  std::string cache_write_1h;
  std::string cache_read;
  std::string output;
  // As text, and as output, where the line has no price of its own for them.
  std::string audio_input;
  std::string audio_cache_read;
  std::string audio_output;
  std::string image_input;
  std::string image_output;
  std::string reasoning;
  std::string web_search;
};
BOOST_DESCRIBE_STRUCT(PriceObject, (),
                      (id, model, provider, tier, context_over, effective_from, input, cache_write_5m,
                       cache_write_1h, cache_read, output, audio_input, audio_cache_read, audio_output,
                       image_input, image_output, reasoning, web_search))

PriceObject to_price_object(const ModelPrice& line);

/// What PUT takes; what is absent stays.
struct RateFields {
  std::optional<std::string> input;
  std::optional<std::string> cache_write_5m;
  std::optional<std::string> cache_write_1h;
  std::optional<std::string> cache_read;
  std::optional<std::string> output;
  std::optional<std::string> audio_input;       // "0": no price of its own
  std::optional<std::string> audio_cache_read;  // "0": no price of its own
  std::optional<std::string> audio_output;      // "0": no price of its own
  std::optional<std::string> image_input;       // "0": no price of its own
  std::optional<std::string> image_output;      // "0": no price of its own
  std::optional<std::string> reasoning;         // "0": no price of its own
  std::optional<std::string> web_search;
};
BOOST_DESCRIBE_STRUCT(RateFields, (),
                      (input, cache_write_5m, cache_write_1h, cache_read, output, audio_input,
                       audio_cache_read, audio_output, image_input, image_output, reasoning, web_search))

/// validation "price_invalid", every wrong field named.
Result<GivenRates> to_given_rates(const RateFields& fields);

/// What POST takes; model, provider, input and output must be there.
struct NewPriceFields : RateFields {
  std::string model;
  std::string provider;
  std::optional<std::string> tier;
  std::optional<Whole<0, 100'000'000>> context_over;
  std::optional<std::string> effective_from;
};
BOOST_DESCRIBE_STRUCT(NewPriceFields, (RateFields), (model, provider, tier, context_over, effective_from))

/// `now` is where a line without effective_from begins. validation "price_invalid", every wrong field named.
Result<ModelPrice> to_new_price(const NewPriceFields& fields, WallTime now);

/// A time (RFC 3339) or a day in UTC, for `field`. validation "price_invalid".
Result<WallTime> parse_price_moment(const std::string& text, const char* field);

}  // namespace relay
