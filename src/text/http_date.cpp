#include "text/http_date.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

struct Fields {
  std::string_view month;
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
};

// In a pattern # is a letter of a day's name, @ of a month's, small letters are digits of what they begin, _
// is a digit of the day or a space; all else stands for itself.
std::optional<Fields> read(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return std::nullopt;
  Fields fields;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto add_to = [c](int& number) {
      number = number * 10 + (c - '0');
      return c >= '0' && c <= '9';
    };
    bool fits = false;
    switch (pattern[i]) {
      case '#':
        fits = is_letter(c);
        break;
      case '@':
        fits = is_letter(c);
        if (fields.month.empty()) fields.month = text.substr(i, 3);
        break;
      case '_':
        fits = c == ' ' || add_to(fields.day);
        break;
      case 'd':
        fits = add_to(fields.day);
        break;
      case 'y':
        fits = add_to(fields.year);
        break;
      case 'h':
        fits = add_to(fields.hour);
        break;
      case 'm':
        fits = add_to(fields.minute);
        break;
      case 's':
        fits = add_to(fields.second);
        break;
      default:
        fits = c == pattern[i];
    }
    if (!fits) return std::nullopt;
  }
  return fields;
}

std::optional<Fields> read_any(std::string_view text) {
  if (auto fields = read(text, "###, dd @@@ yyyy hh:mm:ss GMT")) return fields;
  if (auto fields = read(text, "### @@@ _d hh:mm:ss yyyy")) return fields;
  const auto comma = text.find(',');
  if (comma == std::string_view::npos || !std::ranges::all_of(text.substr(0, comma), is_letter))
    return std::nullopt;
  auto fields = read(text.substr(comma), ", dd-@@@-yy hh:mm:ss GMT");
  if (fields) fields->year += fields->year < 70 ? 2000 : 1900;
  return fields;
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
  const auto fields = read_any(text);
  if (!fields) return std::nullopt;
  const auto month = std::ranges::find(kMonths, fields->month);
  if (month == kMonths.end() || fields->year < 1970) return std::nullopt;
  const chrono::year_month_day date{chrono::year(fields->year),
                                    chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                                    chrono::day(static_cast<unsigned>(fields->day))};
  if (!date.ok() || fields->hour > 23 || fields->minute > 59 || fields->second > 60) return std::nullopt;
  return WallTime(chrono::sys_days(date)) + chrono::hours(fields->hour) + chrono::minutes(fields->minute) +
         chrono::seconds(fields->second);
}

}  // namespace relay
