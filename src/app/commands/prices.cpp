// claude-relay prices: the price table, without a running server. Servers that run take changes over by
// themselves.
#include "app/commands/price_import.h"
#include "app/people.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "service/price_service.h"
#include "store/price_store.h"
#include "text/rfc3339.h"

#include <CLI/CLI.hpp>

#include <iomanip>
#include <iostream>

namespace relay {
namespace {

struct PriceOptions {
  std::string model, at;
  std::string provider, tier = "standard", from;
  std::int64_t context_over = 0;
  std::string input, output, write_5m, write_1h, read, search;
  std::string audio_input, audio_cached, audio_output, image_input, image_output, reasoning;
};
using SharedOptions = std::shared_ptr<PriceOptions>;

// Only where they are not as those of text: few models have them.
std::string own_prices(const TokenRates& rates) {
  std::string words;
  const auto add = [&words](const char* kind, PicoUsd price) {
    if (price != 0) words += std::string("  ") + kind + " " + to_token_price(price);
  };
  add("audio in", rates.audio_input);
  add("audio cached", rates.audio_cache_read);
  add("audio out", rates.audio_output);
  add("image in", rates.image_input);
  add("image out", rates.image_output);
  add("reasoning", rates.reasoning);
  return words;
}

void list(CommandContext& context, const PriceOptions& options) {
  const auto settings = settings_for(context);
  auto stores = open_current_stores(settings);
  PriceFilter filter;
  if (!options.model.empty()) filter.model = options.model;
  if (!options.at.empty()) filter.at = price_moment("--at", options.at);
  auto lines = filter_prices(or_fail("cannot read the prices", run_task(stores->prices().list())), filter);
  std::cout << "USD per million tokens, searches per thousand\n"
            << std::left << std::setw(32) << "model" << std::setw(10) << "tier" << std::setw(9) << "above"
            << std::setw(26) << "from";
  for (const auto* kind : {"input", "5 min", "1 hour", "read", "output", "searches"}) {
    std::cout << std::right << std::setw(10) << kind;
  }
  std::cout << "\n";
  for (const auto& line : lines) {
    std::cout << std::left << std::setw(32) << line.model << std::setw(10) << line.tier << std::setw(9)
              << line.context_over << std::setw(26) << to_rfc3339(line.effective_from) << std::right;
    const auto& rates = line.rates;
    for (const auto price :
         {rates.input, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read, rates.output}) {
      std::cout << std::setw(10) << to_token_price(price);
    }
    std::cout << std::setw(10) << to_thousand_price(line.web_search_request) << own_prices(rates) << "\n";
  }
}

std::optional<PicoUsd> token_price(const std::string& text, const char* option) {
  if (text.empty()) return std::nullopt;
  return or_fail(option, parse_token_price(text, option));
}

ModelPrice line_of(const PriceOptions& options, WallTime now) {
  if (!is_price_model(options.model)) throw CommandFailure("MODEL must be a name or a * pattern", 2);
  ModelPrice line{.model = options.model, .provider = options.provider, .tier = options.tier, .rates = {}};
  line.context_over = options.context_over;
  line.effective_from = options.from.empty() ? now : price_moment("--effective-from", options.from);
  GivenRates given{.input = token_price(options.input, "--input"),
                   .cache_write_5m = token_price(options.write_5m, "--cache-write-5m"),
                   .cache_write_1h = token_price(options.write_1h, "--cache-write-1h"),
                   .cache_read = token_price(options.read, "--cache-read"),
                   .output = token_price(options.output, "--output"),
                   .audio_input = token_price(options.audio_input, "--audio-input"),
                   .audio_cache_read = token_price(options.audio_cached, "--audio-cache-read"),
                   .audio_output = token_price(options.audio_output, "--audio-output"),
                   .image_input = token_price(options.image_input, "--image-input"),
                   .image_output = token_price(options.image_output, "--image-output"),
                   .reasoning = token_price(options.reasoning, "--reasoning")};
  if (!options.search.empty()) {
    given.web_search_request = or_fail("--web-search", parse_thousand_price(options.search, "--web-search"));
  }
  complete_rates(line, given);
  return line;
}

void set(CommandContext& context, const PriceOptions& options) {
  const auto line = line_of(options, context.clock.now());
  const auto settings = settings_for(context);
  auto stores = open_current_stores(settings);
  std::vector<ModelPrice> lines{line};
  or_fail("cannot store the price", run_task(stores->prices().put(std::move(lines))));
  tell_running_servers(settings, *stores);
  AuditAct act{.action = audit_action::kPriceAdded, .target = line.model, .details = audit_details_of(line)};
  or_fail("cannot keep it in the audit trail",
          run_task(note_of_operator(people_parts(context, settings, *stores), std::move(act))));
  std::cout << line.model << " (" << line.tier << ") costs " << to_token_price(line.rates.input) << " in, "
            << to_token_price(line.rates.output) << " out from " << to_rfc3339(line.effective_from) << "\n";
}

void add_list(CLI::App& prices, CommandContext& context) {
  auto options = std::make_shared<PriceOptions>();
  auto* command = prices.add_subcommand("list", "Show the price table");
  command->add_option("--model", options->model, "Only lines of this name, and patterns that match it");
  command->add_option("--at", options->at, "Only what is in force then: RFC 3339, or a day as in 2026-01-31");
  command->callback([&context, options] { list(context, *options); });
}

void add_set(CLI::App& prices, CommandContext& context) {
  auto options = std::make_shared<PriceOptions>();
  auto* command = prices.add_subcommand(
      "set", "Add a price, or put one right that begins at the same time. USD per million tokens");
  command->add_option("MODEL", options->model, "A name, or a * pattern")->required();
  command->add_option("--provider", options->provider, "anthropic or openai")
      ->required()
      ->check(CLI::IsMember({"anthropic", "openai"}));
  command->add_option("--input", options->input, "Uncached input")->required();
  command->add_option("--output", options->output, "Output")->required();
  command->add_option("--cache-write-5m", options->write_5m,
                      "Else 1.25 times the input; the input with openai");
  command->add_option("--cache-write-1h", options->write_1h, "Else twice the input; the input with openai");
  command->add_option("--cache-read", options->read, "Else a tenth of the input; the input with openai");
  command->add_option("--web-search", options->search, "USD per thousand; else 10");
  command->add_option("--audio-input", options->audio_input, "Else as the input");
  command->add_option("--audio-cache-read", options->audio_cached, "Cached audio; else as audio input");
  command->add_option("--audio-output", options->audio_output, "Else as the output");
  command->add_option("--image-input", options->image_input, "Else as the input");
  command->add_option("--image-output", options->image_output, "Else as the output");
  command->add_option("--reasoning", options->reasoning, "Else as the output");
  command->add_option("--tier", options->tier, "standard, priority, flex, batch or fast")
      ->check(CLI::IsMember({"standard", "priority", "flex", "batch", "fast"}))
      ->capture_default_str();
  command->add_option("--context-over", options->context_over, "Only calls with more input tokens")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}));
  command->add_option("--effective-from", options->from, "RFC 3339, or a day as in 2026-01-31; else now");
  command->callback([&context, options] { set(context, *options); });
}

void add_import(CLI::App& prices, CommandContext& context) {
  auto options = std::make_shared<PriceImportOptions>();
  auto* command =
      prices.add_subcommand("import", "Take prices from a LiteLLM model_prices_and_context_window.json");
  command->add_option("SOURCE", options->source, "A file, or an https:// address")->required();
  command->add_option("--sha256", options->sha256, "What the file's SHA-256 must be");
  command->add_option("--timeout", options->timeout_s, "How many seconds fetching it may take (60)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{600}));
  command->add_option("--effective-from", options->from, "RFC 3339, or a day as in 2026-01-31; else now");
  command->add_flag("--resellers", options->resellers, "Also Claude of Bedrock and Vertex");
  command->add_flag("--skip-doubtful", options->skip_doubtful, "Leave out models whose prices look wrong");
  command->add_flag("--yes", options->yes, "Take them without asking");
  command->add_flag("--dry-run", options->dry_run, "Only show what would change");
  command->callback([&context, options] { import_prices(context, *options); });
}

}  // namespace

WallTime price_moment(const char* option, const std::string& text) {
  auto moment = parse_rfc3339(text);
  if (!moment) moment = parse_date(text);
  if (!moment) {
    throw CommandFailure(std::string(option) + " must be a time (RFC 3339) or a day as in 2026-01-31", 2);
  }
  return *moment;
}

void add_prices_command(CLI::App& root, CommandContext& context) {
  auto* prices = root.add_subcommand("prices", "Show and change the price table");
  prices->require_subcommand(1);
  add_list(*prices, context);
  add_set(*prices, context);
  add_import(*prices, context);
}

}  // namespace relay
