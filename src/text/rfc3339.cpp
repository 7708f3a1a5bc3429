#include "text/rfc3339.h"

#include <cstdint>

namespace relay {
namespace {

namespace chrono = std::chrono;

/// Reads a text from its start, piece by piece; once something did not fit, nothing fits any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return fail();
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  void expect(char c) {
    if (!take(c)) fail();
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  bool whole() const { return fits_ && rest_.empty(); }
  int fail() {
    fits_ = false;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool fits_ = true;
};

std::optional<chrono::sys_days> read_day(Reader& reader) {
  const int year = reader.digits(4);
  reader.expect('-');
  const int month = reader.digits(2);
  reader.expect('-');
  const int day = reader.digits(2);
  const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970) return std::nullopt;
  return chrono::sys_days(date);
}

chrono::milliseconds read_fraction(Reader& reader) {
  if (!reader.take('.')) return {};
  if (!reader.at_digit()) reader.fail();
  int value = 0;
  int digits = 0;
  while (reader.at_digit()) {
    const int digit = reader.digits(1);
    if (digits < 3) value = value * 10 + digit;
    ++digits;
  }
  for (; digits < 3; ++digits) value *= 10;
  return chrono::milliseconds(value);
}

chrono::minutes read_offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return {};
  const bool behind = reader.take('-');
  if (!behind) reader.expect('+');
  const int hours = reader.digits(2);
  reader.expect(':');
  const int minutes = reader.digits(2);
  if (hours > 23 || minutes > 59) reader.fail();
  const chrono::minutes offset(hours * 60 + minutes);
  return behind ? -offset : offset;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  // On the way of a limited call, where a printf is felt.
  const auto put = [&text](std::size_t at, unsigned value) {
    text[at] = static_cast<char>('0' + value / 10 % 10);
    text[at + 1] = static_cast<char>('0' + value % 10);
  };
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto milliseconds = static_cast<unsigned>(clock.subseconds().count());
  put(0, year / 100);
  put(2, year % 100);
  put(5, static_cast<unsigned>(date.month()));
  put(8, static_cast<unsigned>(date.day()));
  put(11, static_cast<unsigned>(clock.hours().count()));
  put(14, static_cast<unsigned>(clock.minutes().count()));
  put(17, static_cast<unsigned>(clock.seconds().count()));
  put(20, milliseconds / 10);
  text[22] = static_cast<char>('0' + milliseconds % 10);
  return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Reader reader(text);
  const auto day = read_day(reader);
  if (!day || !(reader.take('T') || reader.take('t') || reader.take(' '))) return std::nullopt;
  const int hour = reader.digits(2);
  reader.expect(':');
  const int minute = reader.digits(2);
  reader.expect(':');
  const int second = reader.digits(2);
  const auto fraction = read_fraction(reader);
  const auto offset = read_offset(reader);
  if (!reader.whole() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const WallTime time =
      *day + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second) + fraction - offset;
  if (time.time_since_epoch().count() < 0) return std::nullopt;
  return time;
}

std::string to_date(WallTime time) { return to_rfc3339(time).substr(0, 10); }

std::optional<WallTime> parse_date(std::string_view text) {
  Reader reader(text);
  const auto day = read_day(reader);
  if (!day || !reader.whole()) return std::nullopt;
  return WallTime(*day);
}

}  // namespace relay
