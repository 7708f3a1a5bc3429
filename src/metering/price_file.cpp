#include "metering/price_file.h"

#include "json/json_index.h"
#include "text/decimal.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace relay {
namespace {

constexpr int kPicoScale = 12;
constexpr std::size_t kDepthMax = 32;
constexpr PicoUsd kTokenPriceMax = 1'000'000'000'000;  // a dollar a token
constexpr std::int64_t kFactorMax = 100;

__extension__ using Wide = __int128;

using Slot = std::optional<PicoUsd> GivenRates::*;
struct Field {
  std::string_view name;
  Slot rate;
};
constexpr std::array<Field, 10> kFields{{{"input_cost_per_token", &GivenRates::input},
                                         {"output_cost_per_token", &GivenRates::output},
                                         {"cache_creation_input_token_cost", &GivenRates::cache_write_5m},
                                         {"cache_read_input_token_cost", &GivenRates::cache_read},
                                         {"input_cost_per_audio_token", &GivenRates::audio_input},
                                         {"output_cost_per_audio_token", &GivenRates::audio_output},
                                         {"cache_read_input_audio_token_cost", &GivenRates::audio_cache_read},
                                         {"input_cost_per_image_token", &GivenRates::image_input},
                                         {"output_cost_per_image_token", &GivenRates::image_output},
                                         {"output_cost_per_reasoning_token", &GivenRates::reasoning}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTierSuffixes{
    {{"_batches", "batch"}, {"_flex", "flex"}, {"_priority", "priority"}}};
constexpr std::string_view kHour = "_above_1hr";
constexpr std::string_view kAbove = "_above_";
constexpr std::string_view kTokens = "k_tokens";

struct Place {
  std::string tier = "standard";
  std::int64_t context_over = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};
using Places = std::map<Place, GivenRates>;

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "_above_200k_tokens" as 200,000.
std::optional<std::int64_t> take_context(std::string_view& suffix) {
  auto rest = suffix;
  if (!take_prefix(rest, kAbove)) return std::nullopt;
  std::int64_t thousands = 0;
  std::size_t digits = 0;
  for (; digits < rest.size() && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
    thousands = thousands * 10 + (rest[digits] - '0');
  }
  rest.remove_prefix(digits);
  if (digits == 0 || !take_prefix(rest, kTokens)) return std::nullopt;
  suffix = rest;
  return thousands * 1000;
}

// Where the price of a field belongs; nothing for a field that is not one of ours.
std::optional<std::pair<Place, Slot>> place_of(std::string_view name) {
  const auto* const field =
      std::ranges::find_if(kFields, [name](const Field& each) { return name.starts_with(each.name); });
  if (field == kFields.end()) return std::nullopt;
  auto suffix = name.substr(field->name.size());
  auto rate = field->rate;
  Place place;
  if (rate == &GivenRates::cache_write_5m && take_prefix(suffix, kHour)) rate = &GivenRates::cache_write_1h;
  if (const auto context = take_context(suffix)) place.context_over = *context;
  for (const auto& [ending, tier] : kTierSuffixes) {
    if (take_prefix(suffix, ending)) {
      place.tier = tier;
      break;
    }
  }
  if (!suffix.empty()) return std::nullopt;
  return std::pair(place, rate);
}

// In proportion, halves up.
PicoUsd scaled(PicoUsd price, PicoUsd by, PicoUsd from) {
  if (from == 0) return price;
  const auto product = Wide{price} * by;
  return static_cast<PicoUsd>(std::min<Wide>((product + from / 2) / from, kTokenPriceMax));
}

ModelPrice scaled_line(ModelPrice line, PicoUsd by, PicoUsd from) {
  for (const auto& rate : kRateColumns) line.rates.*rate.of = scaled(line.rates.*rate.of, by, from);
  return line;
}

class FileReader {
 public:
  explicit FileReader(bool with_resellers) : with_resellers_(with_resellers) {}

  void read_model(std::string_view key, JsonValue entry) {
    std::string name;
    if (key == "sample_spec" || !unescape_json(key, name)) return leave_out();
    const auto provider = provider_of(entry, name);
    if (provider.empty() || !is_paid_by_token(entry)) return leave_out();
    // Some models stand there twice, with the provider's name in front.
    for (const std::string_view front : {"anthropic/", "openai/"}) {
      if (name.starts_with(front)) name.erase(0, front.size());
    }
    if (!is_price_model(name) || name.find('*') != std::string::npos || name.find('/') != std::string::npos) {
      if (!with_resellers_ || !is_price_model(name)) return leave_out();
    }
    if (!seen_.insert(name).second) return leave_out();
    name_ = std::move(name);
    provider_ = provider;
    take_entry(entry);
  }

  PriceFile finish() {
    std::ranges::sort(file_.lines, {}, &PriceLineName::of);
    return std::move(file_);
  }

 private:
  void leave_out() { ++file_.left_out; }
  void doubt(std::string words) { file_.doubts.push_back({name_, std::move(words)}); }

  std::string_view provider_of(JsonValue entry, std::string_view name) const {
    std::string scratch;
    const auto word = entry.find("litellm_provider").string(scratch).value_or("");
    if (word == "anthropic") return "anthropic";
    if (word == "openai") return "openai";
    const bool resells = word.starts_with("bedrock") || word.starts_with("vertex_ai");
    return with_resellers_ && resells && name.find("claude") != std::string_view::npos ? "anthropic" : "";
  }

  static bool is_paid_by_token(JsonValue entry) {
    std::string scratch;
    const auto mode = entry.find("mode").string(scratch).value_or("chat");
    return (mode == "chat" || mode == "responses" || mode == "completion" || mode == "embedding") &&
           entry.find("input_cost_per_token").kind() == JsonValue::Kind::number;
  }

  void take_entry(JsonValue entry) {
    Places places;
    entry.each_member([&](std::string_view field, JsonValue value) { take_field(field, value, places); });
    std::string scratch;
    const bool embeds = entry.find("mode").string(scratch).value_or("chat") == "embedding";
    auto plain = places[Place{}];
    if (!plain.input) return leave_out();
    if (!plain.output && !embeds) doubt("has no price of output: the input's is taken");
    if (embeds) plain.output = plain.output.value_or(0);
    if (provider_ == "anthropic" && plain.cache_write_5m && !plain.cache_write_1h) {
      doubt("has no price of writing to a cache for an hour: twice the input's is taken");
    }
    ModelPrice base{.model = name_, .provider = std::string(provider_), .rates = {}};
    complete_rates(base, plain);
    // No price of its own: in a tier that says nothing of it, it goes on to cost what output does.
    if (base.rates.reasoning == base.rates.output) base.rates.reasoning = 0;
    file_.lines.push_back(base);
    ++file_.models;
    if (provider_ == "anthropic" && !places.contains({.tier = "batch"})) {
      places[{.tier = "batch"}].input = (*plain.input + 1) / 2;
    }
    take_other_places(base, places);
    take_fast(base, entry.find("provider_specific_entry").find("fast"));
  }

  void take_field(std::string_view field, JsonValue value, Places& places) {
    const auto at = place_of(field);
    if (!at || value.kind() != JsonValue::Kind::number) return;
    const auto number = parse_number(value.raw(), kPicoScale);
    if (!number || number->value > kTokenPriceMax) {
      doubt(std::string(field) + " is no price: it is left out");
      return;
    }
    // A double's last digits are nothing that anybody has set; a price of less than a pico-dollar is.
    if (number->rounded && number->value < 1000) doubt(std::string(field) + " is finer than a pico-dollar");
    places[at->first].*(at->second) = number->value;
  }

  void take_other_places(const ModelPrice& base, const Places& places) {
    std::map<std::string, ModelPrice> of_tier{{"standard", base}};
    for (const auto& [place, given] : places) {  // of each tier the shortest context first
      if (place == Place{}) continue;
      const auto found = of_tier.find(place.tier);
      const auto& shorter = found == of_tier.end() ? base : found->second;
      const auto input = given.input.value_or(shorter.rates.input);
      auto line = scaled_line(shorter, input, shorter.rates.input);
      line.tier = place.tier;
      line.context_over = place.context_over;
      apply_rates(line, given);
      if (place.context_over == 0) of_tier[place.tier] = line;
      file_.lines.push_back(std::move(line));
    }
  }

  void take_fast(const ModelPrice& base, JsonValue factor) {
    if (factor.kind() != JsonValue::Kind::number) return;
    const auto thousandths = parse_number(factor.raw(), 3);
    if (!thousandths || thousandths->value < 1 || thousandths->value > kFactorMax * 1000) {
      doubt("the factor of fast is no factor: it is left out");
      return;
    }
    auto line = scaled_line(base, thousandths->value, 1000);
    line.tier = "fast";
    file_.lines.push_back(std::move(line));
  }

  bool with_resellers_;
  std::set<std::string> seen_;
  std::string name_;
  std::string_view provider_;
  PriceFile file_;
};

Error invalid(std::string words) {
  return Error(ErrorKind::validation, "price_file_invalid", std::move(words));
}

}  // namespace

Result<PriceFile> read_price_file(std::string_view text, bool with_resellers) {
  if (text.size() > kPriceFileBytesMax) return invalid("The price file is larger than 16 MB");
  JsonIndex index;
  if (index.read(text, kDepthMax) != JsonFault::none || index.root().kind() != JsonValue::Kind::object) {
    return invalid("The price file is no JSON object");
  }
  FileReader reader(with_resellers);
  index.root().each_member(
      [&reader](std::string_view key, JsonValue entry) { reader.read_model(key, entry); });
  auto file = reader.finish();
  if (file.models == 0) return invalid("The price file has no model of Anthropic or OpenAI");
  return file;
}

}  // namespace relay
