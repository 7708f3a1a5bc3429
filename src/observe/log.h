// The one door to the log. Lines are put together here, redacted, and written by a thread of their own.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace relay {

enum class LogLevel { trace, debug, info, warning, error, off };
enum class LogFormat { text, json };

/// A name and a value for one line. Views only: making one costs nothing, and it must not outlive the call.
/// Names are snake_case literals. Values of sensitive names (password, token, ...) are never written.
/// A text that is written as it stands, secrets and all: for links that development has no mail server for,
/// and for nothing else.
struct Unredacted {
  std::string_view text;
};

struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool, Unredacted>;

  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const std::string& text)
      : name(field_name), value(std::string_view(text)) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(std::string_view(text)) {}
  LogField(std::string_view field_name, Unredacted text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, bool flag) : name(field_name), value(flag) {}
  LogField(std::string_view field_name, double number) : name(field_name), value(number) {}
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
      LogField(std::string_view field_name, Integer number)
      : name(field_name), value(as_wide(number)) {}

  std::string_view name;
  Value value;

 private:
  template <class Integer>
  static auto as_wide(Integer number) {
    if constexpr (std::is_signed_v<Integer>) {
      return static_cast<std::int64_t>(number);
    } else {
      return static_cast<std::uint64_t>(number);
    }
  }
};

using LogFields = std::initializer_list<LogField>;

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  std::string folder;  // for claude-relay-*.log; made when missing; empty: no files
  bool to_stderr = true;
  std::size_t queue_lines = 4096;             // past it the oldest line is dropped and counted
  std::size_t file_bytes = 32 * 1024 * 1024;  // then the next file is begun
  std::size_t files = 10;                     // then the oldest is deleted
};

struct LogCounters {
  std::uint64_t lines = 0;    // taken
  std::uint64_t dropped = 0;  // for want of room in the queue
  std::uint64_t failed = 0;   // not written, e.g. for a full disk
};

/// Once, before the first thread that logs. Until then, and after stop_logging, lines fall silently. Throws
/// std::runtime_error with words for the operator when a file can't be opened.
void start_logging(const LogSettings& settings);
/// Writes what waits. When no other thread logs any more.
void stop_logging();

/// All below: any thread, never blocks, never throws.
void set_log_level(LogLevel level);
LogCounters log_counters();

namespace log_detail {
inline std::atomic<LogLevel> threshold{LogLevel::off};
void write(LogLevel level, std::string_view component, std::string_view request_id, std::string_view message,
           LogFields fields);
}  // namespace log_detail

/// For work that is worth doing only when the line will be written. One load.
inline bool logs(LogLevel level) { return level >= log_detail::threshold.load(std::memory_order_relaxed); }

/// `component` is the folder ("metering"), `message` a sentence without variable parts: those are fields.
inline void log_at(LogLevel level, std::string_view component, std::string_view message,
                   LogFields fields = {}) {
  if (logs(level)) log_detail::write(level, component, {}, message, fields);
}
inline void log_debug(std::string_view component, std::string_view message, LogFields fields = {}) {
  log_at(LogLevel::debug, component, message, fields);
}
inline void log_info(std::string_view component, std::string_view message, LogFields fields = {}) {
  log_at(LogLevel::info, component, message, fields);
}
inline void log_warning(std::string_view component, std::string_view message, LogFields fields = {}) {
  log_at(LogLevel::warning, component, message, fields);
}
inline void log_error(std::string_view component, std::string_view message, LogFields fields = {}) {
  log_at(LogLevel::error, component, message, fields);
}

/// The same for one request: its id stands on every line. A view: the id outlives it.
class RequestLog {
 public:
  RequestLog(std::string_view component, std::string_view request_id)
      : component_(component), request_id_(request_id) {}

  void debug(std::string_view message, LogFields fields = {}) const { at(LogLevel::debug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) const { at(LogLevel::info, message, fields); }
  void warning(std::string_view message, LogFields fields = {}) const {
    at(LogLevel::warning, message, fields);
  }
  void error(std::string_view message, LogFields fields = {}) const { at(LogLevel::error, message, fields); }

 private:
  void at(LogLevel level, std::string_view message, LogFields fields) const {
    if (logs(level)) log_detail::write(level, component_, request_id_, message, fields);
  }
  std::string_view component_;
  std::string_view request_id_;
};

}  // namespace relay
