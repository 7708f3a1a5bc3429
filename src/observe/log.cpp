#include "observe/log.h"

#include "observe/redaction.h"

// As Debian built the library: without these its sources would be compiled into this file again.
#ifndef SPDLOG_COMPILED_LIB
#define SPDLOG_COMPILED_LIB
#define SPDLOG_SHARED_LIB
#define SPDLOG_FMT_EXTERNAL
#endif
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace relay {
namespace {

std::atomic<std::uint64_t> lines_taken{0};
std::atomic<std::uint64_t> lines_failed{0};
std::atomic<LogFormat> line_format{LogFormat::text};
std::uint64_t dropped_before = 0;  // by pools that are gone

std::shared_ptr<spdlog::details::thread_pool> pool;
std::shared_ptr<spdlog::logger> logger;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

void append_time(spdlog::memory_buf_t& out, spdlog::log_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto parts = spdlog::details::os::gmtime(spdlog::log_clock::to_time_t(time));
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                 since.count() % 1000);
}

// What the line says was put together by the caller; time and level are added on the log's own thread.
class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(line.level);
    if (format_ == LogFormat::json) {
      append(out, R"({"time":")");
      append_time(out, line.time);
      append(out, R"(","level":")");
      append(out, {level.data(), level.size()});
      append(out, "\",");
    } else {
      append_time(out, line.time);
      fmt::format_to(std::back_inserter(out), " {:<7} ", std::string_view(level.data(), level.size()));
    }
    append(out, {line.payload.data(), line.payload.size()});
    append(out, format_ == LogFormat::json ? "}\n" : "\n");
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  static void append(spdlog::memory_buf_t& out, std::string_view text) {
    out.append(text.data(), text.data() + text.size());
  }
  LogFormat format_;
};

// Line breaks and other control characters can't forge a line (CWE-117).
void append_escaped(std::string& out, std::string_view text, bool escape_quotes) {
  static constexpr char digits[] = "0123456789abcdef";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 0x0f];
    } else {
      if (escape_quotes && (c == '"' || c == '\\')) out += '\\';
      out += c;
    }
  }
}

void append_text(std::string& out, std::string_view text, bool escape_quotes) {
  thread_local std::string clean;
  clean.clear();
  append_redacted(clean, text);
  append_escaped(out, clean, escape_quotes);
}

void append_value(std::string& out, const LogField& field, LogFormat format) {
  const bool json = format == LogFormat::json;
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const bool quotes = json || text->empty() || text->find_first_of(" =\"\n\r\t") != std::string_view::npos;
    if (quotes) out += '"';
    append_text(out, is_sensitive_name(field.name) ? std::string_view("[redacted]") : *text, quotes);
    if (quotes) out += '"';
  } else if (const auto* as_it_is = std::get_if<Unredacted>(&field.value)) {
    out += '"';
    append_escaped(out, as_it_is->text, true);
    out += '"';
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* whole = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{}", *whole);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{}", *natural);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    fmt::format_to(std::back_inserter(out), "{:.6g}", *number);
  }
}

void append_json_line(std::string& out, std::string_view component, std::string_view request_id,
                      std::string_view message, LogFields fields) {
  const auto member = [&out](std::string_view name, std::string_view text) {
    out += '"';
    out += name;
    out += "\":\"";
    append_text(out, text, true);
    out += "\",";
  };
  member("component", component);
  if (!request_id.empty()) member("request_id", request_id);
  member("message", message);
  for (const auto& field : fields) {
    out += '"';
    out += field.name;
    out += "\":";
    append_value(out, field, LogFormat::json);
    out += ',';
  }
  out.pop_back();
}

void append_text_line(std::string& out, std::string_view component, std::string_view request_id,
                      std::string_view message, LogFields fields) {
  fmt::format_to(std::back_inserter(out), "{:<8} ", component);
  append_text(out, message, false);
  if (!request_id.empty()) {
    out += " request_id=";
    append_text(out, request_id, false);
  }
  for (const auto& field : fields) {
    out += ' ';
    out += field.name;
    out += '=';
    append_value(out, field, LogFormat::text);
  }
}

std::shared_ptr<spdlog::sinks::sink> file_sink(const LogSettings& settings) {
  std::error_code failure;
  std::filesystem::create_directories(settings.folder, failure);
  if (failure)
    throw std::runtime_error("cannot make the log folder " + settings.folder + ": " + failure.message());
  try {
    return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
        settings.folder + "/claude-relay-current.log", settings.file_bytes, settings.files);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error("cannot write the log (LOG_DIR): " + std::string(error.what()));
  }
}

}  // namespace

void start_logging(const LogSettings& settings) {
  stop_logging();
  std::vector<std::shared_ptr<spdlog::sinks::sink>> sinks;
  if (!settings.folder.empty()) sinks.push_back(file_sink(settings));
  if (settings.to_stderr) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());

  pool = std::make_shared<spdlog::details::thread_pool>(settings.queue_lines, 1);
  logger = std::make_shared<spdlog::async_logger>("claude-relay", sinks.begin(), sinks.end(), pool,
                                                  spdlog::async_overflow_policy::overrun_oldest);
  logger->set_formatter(std::make_unique<LineFormatter>(settings.format));
  logger->set_level(spdlog::level::trace);  // ours is the threshold
  logger->flush_on(spdlog::level::warn);
  logger->set_error_handler([](const std::string&) { lines_failed.fetch_add(1, std::memory_order_relaxed); });
  spdlog::register_logger(logger);
  spdlog::flush_every(std::chrono::seconds(1));
  line_format = settings.format;
  set_log_level(settings.level);
}

void stop_logging() {
  set_log_level(LogLevel::off);
  if (!logger) return;
  dropped_before += pool->overrun_counter();
  logger->flush();
  // The threads first, the library's flusher and then the pool's, which writes what waits: where both are
  // joined nothing but this thread can be the last that holds the logger and its file.
  spdlog::shutdown();
  pool.reset();
  logger.reset();
}

void set_log_level(LogLevel level) { log_detail::threshold.store(level, std::memory_order_relaxed); }

LogCounters log_counters() {
  return {.lines = lines_taken.load(std::memory_order_relaxed),
          .dropped = dropped_before + (pool ? pool->overrun_counter() : 0),
          .failed = lines_failed.load(std::memory_order_relaxed)};
}

void log_detail::write(LogLevel level, std::string_view component, std::string_view request_id,
                       std::string_view message, LogFields fields) {
  if (!logger || level == LogLevel::off) return;
  thread_local std::string line;
  line.clear();
  const auto format = line_format.load(std::memory_order_relaxed);
  if (format == LogFormat::json) {
    append_json_line(line, component, request_id, message, fields);
  } else {
    append_text_line(line, component, request_id, message, fields);
  }
  lines_taken.fetch_add(1, std::memory_order_relaxed);
  logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace relay
