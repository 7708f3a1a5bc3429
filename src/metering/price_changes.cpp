#include "metering/price_changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace relay {
namespace {

__extension__ using Wide = __int128;

// In thousandths.
struct Bounds {
  std::int64_t least;
  std::int64_t most;
};
// The importer's rules: platform.claude.com and developers.openai.com, "Pricing".
constexpr Bounds kWrite5m{1'200, 1'300};
constexpr Bounds kWrite1h{1'900, 2'100};
constexpr Bounds kWriteOrInput{1'000, 2'100};  // OpenAI: what has no price of its own costs what input does
constexpr Bounds kCacheRead{20, 500};
constexpr Bounds kCacheReadOrInput{20, 1'000};
constexpr Bounds kOutput{1'000, 10'000};
constexpr Bounds kAudioInput{1'000, 80'000};   // gpt-4o-mini-audio-preview: 67 times the text
constexpr Bounds kAudioOutput{1'000, 40'000};  // of the output's
constexpr Bounds kImage{500, 10'000};
constexpr Bounds kReasoning{500, 10'000};
constexpr Bounds kHalf{400, 600};
constexpr Bounds kPriority{1'000, 3'000};
constexpr Bounds kFast{1'000, 6'000};
constexpr Bounds kLongContext{1'000, 5'000};
constexpr Bounds kBefore{500, 2'000};

using PlacesOfLines = std::map<std::pair<std::string, std::int64_t>, ModelPrice>;

bool lies_in(const Bounds& bounds, PicoUsd price, PicoUsd of) {
  return Wide{price} * 1000 >= Wide{of} * bounds.least && Wide{price} * 1000 <= Wide{of} * bounds.most;
}

std::string place_words(const ModelPrice& line) {
  auto words = line.tier;
  if (line.context_over > 0) words += " above " + std::to_string(line.context_over) + " tokens";
  return words;
}

bool costs_the_same(const ModelPrice& left, const ModelPrice& right) {
  return left.rates == right.rates && left.provider == right.provider &&
         left.web_search_request == right.web_search_request;
}

// Of one name, the lines that are in force, by tier and context.
PlacesOfLines in_force(const std::vector<ModelPrice>& lines, WallTime at) {
  PlacesOfLines places;
  for (const auto& line : lines) {
    if (line.effective_from > at) continue;
    const auto [slot, is_new] = places.try_emplace({line.tier, line.context_over}, line);
    if (!is_new && line.effective_from > slot->second.effective_from) slot->second = line;
  }
  return places;
}

class Doubter {
 public:
  explicit Doubter(std::vector<PriceDoubt>& doubts) : doubts_(doubts) {}

  void check_line(const ModelPrice& line) {
    const auto& rates = line.rates;
    if (rates.input == 0 && rates.output == 0) return doubt(line, "is free");
    const bool claude = line.provider == "anthropic";
    check(line, "writing to a cache for five minutes", rates.cache_write_5m,
          claude ? kWrite5m : kWriteOrInput);
    check(line, "writing to a cache for an hour", rates.cache_write_1h, claude ? kWrite1h : kWriteOrInput);
    check(line, "reading from a cache", rates.cache_read, claude ? kCacheRead : kCacheReadOrInput);
    if (rates.output > 0) check(line, "output", rates.output, kOutput);
    check_media(line, rates.in_full());
  }

  void check_beside(const ModelPrice& line, const ModelPrice& plain) {
    Bounds bounds = kLongContext;
    if (line.tier == "batch" || line.tier == "flex") bounds = kHalf;
    if (line.tier == "priority") bounds = kPriority;
    if (line.tier == "fast") bounds = kFast;
    if (line.tier != "standard" && line.context_over > 0) bounds = {bounds.least, bounds.most * 3};
    compare(line, plain, bounds, "the plain line's");
  }

  void check_before(const ModelPrice& line, const ModelPrice& before) {
    compare(line, before, kBefore, "the one in force");
  }

 private:
  void doubt(const ModelPrice& line, const std::string& words) {
    doubts_.push_back({line.model, place_words(line) + ": " + words});
  }
  void check_media(const ModelPrice& line, const TokenRates& full) {
    const auto against = [&](const char* what, PicoUsd price, Bounds bounds, const char* of, PicoUsd other) {
      if (lies_in(bounds, price, other)) return;
      doubt(line, std::string(what) + " costs " + to_token_price(price) + " where " + of + " costs " +
                      to_token_price(other));
    };
    against("audio input", full.audio_input, kAudioInput, "input", full.input);
    against("cached audio", full.audio_cache_read, kCacheReadOrInput, "audio input", full.audio_input);
    against("audio output", full.audio_output, kAudioOutput, "output", full.output);
    against("an image's input", full.image_input, kImage, "input", full.input);
    against("an image's output", full.image_output, kImage, "output", full.output);
    against("reasoning", full.reasoning, kReasoning, "output", full.output);
  }
  void check(const ModelPrice& line, const char* what, PicoUsd price, Bounds bounds) {
    if (lies_in(bounds, price, line.rates.input)) return;
    doubt(line, std::string(what) + " costs " + to_token_price(price) + " where input costs " +
                    to_token_price(line.rates.input));
  }
  void compare(const ModelPrice& line, const ModelPrice& other, Bounds bounds, const char* whose) {
    const auto one = [&](const char* what, PicoUsd price, PicoUsd of) {
      if (lies_in(bounds, price, of)) return;
      doubt(line,
            std::string(what) + " costs " + to_token_price(price) + ", " + whose + " " + to_token_price(of));
    };
    one("input", line.rates.input, other.rates.input);
    one("output", line.rates.output, other.rates.output);
  }

  std::vector<PriceDoubt>& doubts_;
};

class Comparison {
 public:
  Comparison(const std::vector<ModelPrice>& table, WallTime at) : table_(table), at_(at) {}

  // `begin` to `end`: every line that the file has of one model.
  void add_model(std::vector<ModelPrice>::const_iterator begin, std::vector<ModelPrice>::const_iterator end) {
    const auto& model = begin->model;
    const auto covering = table_.lines_of(model);
    auto there = in_force(covering, at_);
    std::vector<ModelPrice> same;
    const auto before = made_.changes.size();
    for (auto line = begin; line != end; ++line) {
      auto after = *line;
      after.effective_from = at_;
      const auto found = there.find({after.tier, after.context_over});
      if (found != there.end()) after.web_search_request = found->second.web_search_request;
      if (found != there.end() && costs_the_same(found->second, after)) {
        same.push_back(std::move(after));
        continue;
      }
      PriceChange change{.before = std::nullopt, .after = std::move(after)};
      if (found != there.end()) change.before = found->second;
      made_.changes.push_back(std::move(change));
    }
    if (made_.changes.size() == before) return;
    for (auto at = before; at < made_.changes.size(); ++at) made_.lines.push_back(made_.changes[at].after);
    if (covering.empty() || covering.front().model != model)
      stand_alone(model, begin, end, std::move(same), there);
    check(before, *begin, begin, end);
  }

  PriceChanges take() { return std::move(made_); }

 private:
  void stand_alone(const std::string& model, std::vector<ModelPrice>::const_iterator begin,
                   std::vector<ModelPrice>::const_iterator end, std::vector<ModelPrice> same,
                   PlacesOfLines& there) {
    for (auto& line : same) made_.lines.push_back(std::move(line));
    for (auto line = begin; line != end; ++line) there.erase({line->tier, line->context_over});
    for (auto& [place, line] : there) {
      line.model = model;
      line.effective_from = at_;
      made_.lines.push_back(line);
    }
  }

  void check(std::size_t from, const ModelPrice& first, std::vector<ModelPrice>::const_iterator begin,
             std::vector<ModelPrice>::const_iterator end) {
    const auto plain = std::find_if(
        begin, end, [](const ModelPrice& line) { return line.tier == "standard" && line.context_over == 0; });
    const auto& base = plain == end ? first : *plain;
    Doubter doubter(made_.doubts);
    for (auto at = from; at < made_.changes.size(); ++at) {
      const auto& change = made_.changes[at];
      doubter.check_line(change.after);
      if (change.after.tier != base.tier || change.after.context_over != base.context_over) {
        doubter.check_beside(change.after, base);
      }
      if (change.before) doubter.check_before(change.after, *change.before);
    }
  }

  PriceTable table_;
  WallTime at_;
  PriceChanges made_;
};

}  // namespace

PriceChanges changes_of(const PriceFile& file, const std::vector<ModelPrice>& table, WallTime at) {
  Comparison comparison(table, at);
  for (auto begin = file.lines.begin(); begin != file.lines.end();) {
    const auto end = std::find_if(begin, file.lines.end(),
                                  [begin](const ModelPrice& line) { return line.model != begin->model; });
    comparison.add_model(begin, end);
    begin = end;
  }
  auto made = comparison.take();
  std::set<std::string> changed;
  for (const auto& line : made.lines) changed.insert(line.model);
  for (const auto& doubt : file.doubts) {
    if (changed.contains(doubt.model)) made.doubts.push_back(doubt);
  }
  std::ranges::stable_sort(made.doubts, {}, &PriceDoubt::model);
  return made;
}

PriceChanges without_doubtful(PriceChanges changes) {
  std::set<std::string> doubtful;
  for (const auto& doubt : changes.doubts) doubtful.insert(doubt.model);
  std::erase_if(changes.changes,
                [&](const PriceChange& change) { return doubtful.contains(change.after.model); });
  std::erase_if(changes.lines, [&](const ModelPrice& line) { return doubtful.contains(line.model); });
  changes.doubts.clear();
  return changes;
}

}  // namespace relay
