#include "domain/time_zone.h"

#include "base/embedded_file.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <unordered_map>

namespace relay {

std::span<const EmbeddedFile> embedded_time_zones();  // resources/time_zones

namespace {

using std::chrono::seconds;

constexpr std::int64_t kRuleHoursMost = 167;  // RFC 9636 3.3.1
constexpr seconds kOffsetMost = std::chrono::hours(26);
constexpr std::int64_t kChangeMost = 253'402'300'799;  // the end of the year 9999

bool is_offset(seconds offset) { return offset >= -kOffsetMost && offset <= kOffsetMost; }

/// Reads from the front of a text; `failed` once something was not there.
struct RuleReader {
  std::string_view text;
  bool failed = false;

  bool take(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  std::int64_t number(std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (failure == std::errc() && value >= least && value <= most) return value;
    failed = true;
    return least;
  }
  // "<+0530>" or letters.
  void skip_name() {
    if (take('<')) {
      const auto end = text.find('>');
      failed = failed || end == std::string_view::npos;
      text.remove_prefix(std::min(end == std::string_view::npos ? end : end + 1, text.size()));
      return;
    }
    while (!text.empty() && ((text.front() | 0x20) >= 'a' && (text.front() | 0x20) <= 'z'))
      text.remove_prefix(1);
  }
  // "-5:45": hours, minutes, seconds.
  seconds time() {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    seconds all = std::chrono::hours(number(0, kRuleHoursMost));
    if (take(':')) all += std::chrono::minutes(number(0, 59));
    if (take(':')) all += seconds(number(0, 59));
    return is_negative ? -all : all;
  }
  seconds offset() { return seconds(number(-kOffsetMost.count(), kOffsetMost.count())); }
};

std::string_view next_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

const std::unordered_map<std::string_view, TimeZone>& all_zones() {
  static const auto zones = [] {
    std::unordered_map<std::string_view, TimeZone> all;
    for (const auto& file : embedded_time_zones()) {
      if (file.name != "rules.txt") continue;
      for (auto rest = file.content; !rest.empty();) {
        const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (auto zone = TimeZone::parse(line)) all.emplace(line.substr(0, line.find(' ')), *std::move(zone));
      }
    }
    return all;
  }();
  return zones;
}

}  // namespace

std::optional<TimeZone> TimeZone::parse(std::string_view line) {
  next_word(line);
  RuleReader rule{next_word(line)};
  TimeZone zone;
  rule.skip_name();
  zone.standard_ = -rule.time();  // POSIX counts west of Greenwich
  if (!rule.text.empty()) {
    rule.skip_name();
    const bool says_offset = !rule.text.empty() && rule.text.front() != ',';
    zone.summer_ = says_offset ? -rule.time() : zone.standard_ + std::chrono::hours(1);
    const auto read_rule = [&rule] {
      Rule read;
      if (!rule.take(',') || !rule.take('M')) rule.failed = true;
      read.month = static_cast<unsigned>(rule.number(1, 12));
      if (!rule.take('.')) rule.failed = true;
      read.week = static_cast<unsigned>(rule.number(1, 5));
      if (!rule.take('.')) rule.failed = true;
      read.weekday = static_cast<unsigned>(rule.number(0, 6));
      read.time = rule.take('/') ? rule.time() : std::chrono::hours(2);
      return read;
    };
    zone.begins_ = read_rule();
    zone.ends_ = read_rule();
  }
  RuleReader rest{line};
  if (!rest.text.empty()) zone.before_ = rest.offset();
  while (rest.take(' ')) {
    Change change{.at = std::chrono::sys_seconds(seconds(rest.number(0, kChangeMost)))};
    if (!rest.take(':')) rest.failed = true;
    change.offset = rest.offset();
    if (!zone.changes_.empty() && change.at <= zone.changes_.back().at) rest.failed = true;
    zone.changes_.push_back(change);
    if (rest.failed) break;
  }
  if (rule.failed || !rule.text.empty() || rest.failed || !rest.text.empty()) return std::nullopt;
  if (!is_offset(zone.standard_) || !is_offset(zone.summer_)) return std::nullopt;
  return zone;
}

const TimeZone& TimeZone::named(std::string_view name) {
  static const TimeZone utc;
  const auto& zones = all_zones();
  const auto found = zones.find(name);
  return found == zones.end() ? utc : found->second;
}

std::chrono::local_seconds TimeZone::day_of(const Rule& rule, std::chrono::year year) {
  const std::chrono::month month(rule.month);
  const std::chrono::weekday weekday(rule.weekday);
  const auto day = rule.week >= 5 ? std::chrono::local_days(year / month / weekday[std::chrono::last])
                                  : std::chrono::local_days(year / month / weekday[rule.week]);
  return day + rule.time;
}

std::chrono::seconds TimeZone::offset_at(WallTime time) const {
  const auto at = std::chrono::floor<seconds>(time);
  if (!changes_.empty() && at < changes_.back().at) {
    const auto next = std::ranges::upper_bound(changes_, at, {}, &Change::at);
    return next == changes_.begin() ? before_ : std::prev(next)->offset;
  }
  if (!begins_) return standard_;
  const auto local_standard = std::chrono::local_seconds(at.time_since_epoch() + standard_);
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local_standard)).year();
  const auto begins = day_of(*begins_, year).time_since_epoch() - standard_;
  const auto ends = day_of(ends_, year).time_since_epoch() - summer_;
  const auto now = at.time_since_epoch();
  const bool is_summer = begins < ends ? begins <= now && now < ends : !(ends <= now && now < begins);
  return is_summer ? summer_ : standard_;
}

WallTime TimeZone::to_wall(LocalTime local) const {
  const WallTime as_utc(local.time_since_epoch());
  // No two changes are as near to each other.
  const auto before = offset_at(as_utc - kOffsetMost);
  const auto after = offset_at(as_utc + kOffsetMost);
  const auto early = as_utc - std::max(before, after);
  const auto late = as_utc - std::min(before, after);
  if (to_local(early) == local) return early;
  if (to_local(late) == local) return late;
  // In the gap: the change lies between the two.
  auto from = early;
  auto to = late;
  while (to - from > std::chrono::milliseconds(1)) {
    const auto middle = from + (to - from) / 2;
    (offset_at(middle) == offset_at(early) ? from : to) = middle;
  }
  return to;
}

}  // namespace relay
