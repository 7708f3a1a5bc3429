#include "metering/price_table.h"

#include "metering/cost.h"
#include "text/glob.h"

#include <algorithm>
#include <functional>
#include <map>

namespace relay {
namespace {

bool is_taken_before(const ModelPrice& left, const ModelPrice& right) {
  if (left.context_over != right.context_over) return left.context_over > right.context_over;
  return left.effective_from > right.effective_from;
}

bool is_prefix(std::string_view pattern) { return pattern.find('*') == pattern.size() - 1; }

}  // namespace

PriceTable::PriceTable(const std::vector<ModelPrice>& lines) {
  std::map<std::string, std::vector<ModelPrice>, std::less<>> by_name;
  for (const auto& line : lines) {
    if (!line.model.empty()) by_name[line.model].push_back(line);
  }
  names_.reserve(by_name.size());  // the maps below point into it
  for (auto& [text, of_name] : by_name) {
    std::stable_sort(of_name.begin(), of_name.end(), is_taken_before);
    names_.push_back(Name{.text = {}, .lines = std::move(of_name)});
    auto& name = names_.back();
    name.text = name.lines.front().model;
    if (name.text.find('*') == std::string_view::npos) {
      exact_.emplace(name.text, &name);
    } else if (is_prefix(name.text)) {
      const auto prefix = name.text.substr(0, name.text.size() - 1);
      prefixes_.emplace(prefix, &name);
      prefix_lengths_.push_back(prefix.size());
    } else {
      globs_.push_back(&name);
    }
  }
  std::sort(prefix_lengths_.begin(), prefix_lengths_.end(), std::greater<>());
  prefix_lengths_.erase(std::unique(prefix_lengths_.begin(), prefix_lengths_.end()), prefix_lengths_.end());
  std::stable_sort(globs_.begin(), globs_.end(), [](const Name* left, const Name* right) {
    return left->text.size() > right->text.size();
  });
}

const PriceTable::Name* PriceTable::find_name(std::string_view model) const {
  if (const auto found = exact_.find(model); found != exact_.end()) return found->second;
  const Name* best = nullptr;
  for (const auto length : prefix_lengths_) {
    if (length > model.size()) continue;
    if (const auto found = prefixes_.find(model.substr(0, length)); found != prefixes_.end()) {
      best = found->second;
      break;
    }
  }
  for (const auto* glob : globs_) {
    if (best != nullptr && glob->text.size() <= best->text.size()) break;
    if (glob_matches(glob->text, model)) return glob;
  }
  return best;
}

const ModelPrice* PriceTable::Name::find(std::string_view tier, std::int64_t total_input, WallTime at) const {
  for (const auto& line : lines) {
    if (line.tier != tier || line.effective_from > at) continue;
    if (line.context_over == 0 || total_input > line.context_over) return &line;
  }
  return nullptr;
}

const ModelPrice* PriceTable::find(std::string_view model, std::string_view tier, std::int64_t total_input,
                                   WallTime at) const {
  const auto* name = find_name(model);
  if (name == nullptr) return nullptr;
  const auto* line = name->find(tier, total_input, at);
  if (line == nullptr && tier == "batch") line = name->find("flex", total_input, at);
  return line != nullptr || tier == "standard" ? line : name->find("standard", total_input, at);
}

NanoUsd PriceTable::highest_cost(std::string_view model, std::int64_t input_tokens,
                                 std::int64_t output_tokens, WallTime at) const {
  const auto* name = find_name(model);
  if (name == nullptr) return 0;
  NanoUsd most = 0;
  // A tier without lines of its own is charged as the first.
  for (const std::string_view tier : {"standard", "priority", "fast"}) {
    if (const auto* line = name->find(tier, input_tokens, at))
      most = std::max(most, highest_cost_of(input_tokens, output_tokens, *line));
  }
  return most;
}

std::vector<ModelPrice> PriceTable::lines_of(std::string_view model) const {
  const auto* name = find_name(model);
  return name == nullptr ? std::vector<ModelPrice>() : name->lines;
}

bool PriceTable::price(UsageRecordView& record) const {
  const auto& usage = record.usage;
  record.cost_nano_usd = 0;
  record.charge_nano_usd = 0;
  record.priced = true;
  if (record.cached) return true;
  if (usage.total_tokens() == 0 && usage.web_search_requests == 0) return true;

  const auto tier = price_tier(record.mode);
  const auto total_input = usage.total_input_tokens();
  const auto* line = find(record.model, tier, total_input, record.started_at);
  if (line == nullptr) line = find(record.requested_model, tier, total_input, record.started_at);
  record.priced = line != nullptr;
  if (line != nullptr) record.cost_nano_usd = cost_of(usage, record.mode, *line);
  record.charge_nano_usd = record.cost_nano_usd;
  return record.priced;
}

}  // namespace relay
