#include "app/commands/price_import.h"

#include "app/people.h"
#include "app/run_task.h"
#include "app/stores.h"
#include "async/blocking_pool.h"
#include "crypto/sha256.h"
#include "fetch/curl_fetch.h"
#include "metering/price_changes.h"
#include "service/audit_service.h"
#include "store/price_store.h"
#include "text/rfc3339.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>

namespace relay {
namespace {

std::string fetched(const Settings& settings, const PriceImportOptions& options) {
  const auto& url = options.source;
  BlockingPool pool(1, 1);
  CurlFetch fetch(pool, {.allow_private = settings.allow_private_upstreams,
                         .ca_file = settings.upstream_ca_file,
                         .timeout = std::chrono::seconds(options.timeout_s),
                         .body_bytes_max = kPriceFileBytesMax});
  FetchRequest request{.url = url};
  auto answer = run_task(fetch.fetch(std::move(request)));
  pool.stop();
  auto got = or_fail("cannot fetch " + url, std::move(answer));
  if (got.status != 200) {
    const auto* hint = got.status / 100 == 3 ? ", and redirects are not followed" : "";
    throw CommandFailure("cannot fetch " + url + ": the answer was " + std::to_string(got.status) + hint);
  }
  return std::move(got.body);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw CommandFailure("cannot read " + path);
  std::string text(kPriceFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw CommandFailure("cannot read " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kPriceFileBytesMax) throw CommandFailure(path + " is larger than 16 MB");
  return text;
}

// The digest as people paste it: also in capitals.
void check_digest(const std::string& expected, const std::string& digest) {
  if (expected.empty()) return;
  auto wanted = expected;
  std::ranges::transform(wanted, wanted.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (wanted != digest) throw CommandFailure("the file is not the one that was meant: --sha256 is " + wanted);
}

std::string place_of_line(const ModelPrice& line) {
  auto words = line.model + " " + line.tier;
  if (line.context_over > 0) words += " above " + std::to_string(line.context_over);
  return words;
}

void show_rate(const char* kind, PicoUsd price, const PicoUsd* before) {
  if (before != nullptr && *before == price) return;
  std::cout << "    " << kind << "  ";
  if (before != nullptr) std::cout << to_token_price(*before) << " -> ";
  std::cout << to_token_price(price) << "\n";
}

// Not of a new line that has no price of its own.
void show_own_rate(const char* kind, PicoUsd TokenRates::*rate, const TokenRates& now,
                   const TokenRates* before) {
  if (before == nullptr && now.*rate == 0) return;
  show_rate(kind, now.*rate, before == nullptr ? nullptr : &(before->*rate));
}

void show(const PriceChanges& changes) {
  for (const auto& [before, after] : changes.changes) {
    std::cout << (before ? "  ~ " : "  + ") << place_of_line(after) << "\n";
    const auto* old = before ? &before->rates : nullptr;
    const auto& rates = after.rates;
    show_rate("input       ", rates.input, old == nullptr ? nullptr : &old->input);
    show_rate("cache 5 min ", rates.cache_write_5m, old == nullptr ? nullptr : &old->cache_write_5m);
    show_rate("cache 1 hour", rates.cache_write_1h, old == nullptr ? nullptr : &old->cache_write_1h);
    show_rate("cache read  ", rates.cache_read, old == nullptr ? nullptr : &old->cache_read);
    show_rate("output      ", rates.output, old == nullptr ? nullptr : &old->output);
    show_own_rate("audio in    ", &TokenRates::audio_input, rates, old);
    show_own_rate("audio cached", &TokenRates::audio_cache_read, rates, old);
    show_own_rate("audio out   ", &TokenRates::audio_output, rates, old);
    show_own_rate("image in    ", &TokenRates::image_input, rates, old);
    show_own_rate("image out   ", &TokenRates::image_output, rates, old);
    show_own_rate("reasoning   ", &TokenRates::reasoning, rates, old);
  }
  if (changes.doubts.empty()) return;
  std::cout << "\nThese look wrong:\n";
  for (const auto& doubt : changes.doubts) std::cout << "  ! " << doubt.model << "  " << doubt.words << "\n";
}

bool says_yes() {
  std::cout << "\nTake them all the same? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// What to store; doubts that nobody has decided about end here.
PriceChanges decide(PriceChanges changes, const PriceImportOptions& options) {
  if (changes.doubts.empty() || options.yes) return changes;
  if (options.skip_doubtful) return without_doubtful(std::move(changes));
  if (::isatty(STDIN_FILENO) == 1 && says_yes()) return changes;
  throw CommandFailure(
      "nothing was changed: run it again with --skip-doubtful to leave those models out, or with --yes");
}

}  // namespace

void import_prices(CommandContext& context, const PriceImportOptions& options) {
  const auto from =
      options.from.empty() ? context.clock.now() : price_moment("--effective-from", options.from);
  const auto settings = settings_for(context);
  const bool is_address = options.source.find("://") != std::string::npos;
  const auto text = is_address ? fetched(settings, options) : read_file(options.source);
  const auto digest = sha256_hex(text);
  std::cout << "SHA-256   " << digest << "\n";
  check_digest(options.sha256, digest);
  const auto file = or_fail("cannot take " + options.source, read_price_file(text, options.resellers));
  std::cout << "models    " << file.models << " taken, " << file.left_out << " left out\n"
            << "in force  from " << to_rfc3339(from) << "\n\n";

  auto stores = open_current_stores(settings);
  const auto table = or_fail("cannot read the prices", run_task(stores->prices().list()));
  auto changes = changes_of(file, table, from);
  show(changes);
  if (options.dry_run) return;
  changes = decide(std::move(changes), options);
  if (changes.lines.empty()) {
    std::cout << "nothing changes\n";
    return;
  }
  const auto count = changes.lines.size();
  or_fail("cannot store the prices", run_task(stores->prices().put(std::move(changes.lines))));
  tell_running_servers(settings, *stores);
  AuditAct act{.action = audit_action::kPricesImported};
  act.details = {{"sha256", digest}, {"lines", std::to_string(count)}, {"effectiveFrom", to_rfc3339(from)}};
  or_fail("cannot keep it in the audit trail",
          run_task(note_of_operator(people_parts(context, settings, *stores), std::move(act))));
  std::cout << "\n" << count << " lines stored\n";
}

}  // namespace relay
