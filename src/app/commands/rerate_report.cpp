#include "app/commands/rerate_report.h"

#include "domain/budget.h"
#include "text/rfc3339.h"
#include "text/utf8.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <iomanip>
#include <map>
#include <vector>

namespace relay {
namespace {

constexpr const char* kOtherModels = "(others)";

struct RerateLine {
  std::string day;
  std::string model;
  CostDifference sums;
};

std::vector<RerateLine> differing_lines(const CostDifferences& differences) {
  std::vector<RerateLine> lines;
  for (const auto& [name, sum] : differences.lines()) {
    if (!sum.differs()) continue;
    const WallTime day{std::chrono::sys_days(std::chrono::days(name.day))};
    lines.push_back({.day = to_date(day), .model = name.model, .sums = sum});
  }
  const auto& others = differences.other_lines();
  if (others.differs()) lines.push_back({.day = "", .model = kOtherModels, .sums = others});
  return lines;
}

// Names are the clients' words: nothing in them moves the cursor.
std::string printable(const std::string& name) {
  std::string out = name.empty() ? "(none)" : name;
  for (auto& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return out;
}

void show_line(std::ostream& out, const std::string& day, const std::string& model,
               const CostDifference& sums) {
  out << std::left << std::setw(12) << day << std::setw(34) << model << std::right << std::setw(10)
      << sums.rows << std::setw(10) << sums.changed << std::setw(20) << to_usd(sums.before_nano_usd)
      << std::setw(20) << to_usd(sums.after_nano_usd) << std::setw(20) << to_usd(sums.difference_nano_usd())
      << std::setw(8) << sums.newly_priced << std::setw(8) << sums.price_gone << std::setw(10)
      << sums.unpriced << std::setw(11) << sums.estimated << "\n";
}

boost::json::object json_of(const CostDifference& sums) {
  return {{"rows", sums.rows},
          {"changed", sums.changed},
          {"newlyPriced", sums.newly_priced},
          {"priceGone", sums.price_gone},
          {"unpriced", sums.unpriced},
          {"estimated", sums.estimated},
          {"costBefore", to_usd(sums.before_nano_usd)},
          {"costAfter", to_usd(sums.after_nano_usd)},
          {"difference", to_usd(sums.difference_nano_usd())}};
}

void show_missing(std::ostream& out, const CostDifferences& differences) {
  std::map<std::string, std::int64_t> gone;
  for (const auto& [name, sum] : differences.lines()) {
    if (sum.price_gone > 0) gone[name.model] += sum.price_gone;
  }
  if (const auto others = differences.other_lines().price_gone; others > 0) gone[kOtherModels] += others;
  if (gone.empty()) return;
  out << "\nTheir price is gone; they keep their cost:\n";
  for (const auto& [model, rows] : gone) out << "  ! " << printable(model) << "  " << rows << " rows\n";
}

}  // namespace

void show_rerate(std::ostream& out, const RerateOutcome& outcome, bool applied) {
  const auto& differences = outcome.differences;
  out << "usage from " << to_rfc3339(differences.scope().from) << " to " << to_rfc3339(differences.scope().to)
      << ", USD\n"
      << std::left << std::setw(12) << "day" << std::setw(34) << "model" << std::right << std::setw(10)
      << "rows" << std::setw(10) << "change" << std::setw(20) << "cost" << std::setw(20) << "anew"
      << std::setw(20) << "difference" << std::setw(8) << "priced" << std::setw(8) << "gone" << std::setw(10)
      << "unpriced" << std::setw(11) << "estimated"
      << "\n";
  for (const auto& line : differing_lines(differences))
    show_line(out, line.day, printable(line.model), line.sums);
  const auto& total = differences.total();
  show_line(out, "all", "", total);
  show_missing(out, differences);
  if (applied) {
    out << "\n" << outcome.changed << " rows changed\n";
  } else if (total.changed > 0) {
    out << "\nnothing was changed: run it again with --apply\n";
  } else {
    out << "\nnothing differs\n";
  }
}

std::string rerate_json(const RerateOutcome& outcome, bool applied) {
  const auto& differences = outcome.differences;
  boost::json::array lines;
  for (const auto& line : differing_lines(differences)) {
    auto object = json_of(line.sums);
    object["day"] = line.day;
    object["model"] = to_valid_utf8(line.model);
    lines.push_back(std::move(object));
  }
  const boost::json::object report{{"from", to_rfc3339(differences.scope().from)},
                                   {"to", to_rfc3339(differences.scope().to)},
                                   {"applied", applied},
                                   {"rowsStored", outcome.changed},
                                   {"total", json_of(differences.total())},
                                   {"lines", std::move(lines)}};
  return boost::json::serialize(report);
}

}  // namespace relay
