// Writing the fields of a head.
#pragma once

#include "http/head.h"

#include <string>
#include <string_view>

namespace relay {

/// "name: value" and its end.
inline void append_line(std::string& out, std::string_view name, std::string_view value) {
  using namespace std::string_view_literals;
  out.append(name).append(": "sv).append(value).append("\r\n"sv);
}

/// Appends fields of one parsed head to `out`, each as append_line() would. Those that came like that and one
/// behind the other, which is nearly all, go over in one piece; the last ones when it goes out of scope. The
/// head's buffer must stay where it is until then.
class FieldLines {
 public:
  explicit FieldLines(std::string& out) : out_(out) {}
  FieldLines(const FieldLines&) = delete;
  FieldLines& operator=(const FieldLines&) = delete;
  ~FieldLines() { flush(); }

  void add(const HeadField& field) {
    const char* const begin = field.name.data();
    const char* const value = field.value.data();
    const char* const value_end = value + field.value.size();
    // Behind the value stands at least the end of its line.
    const bool is_as_we_write =
        value == begin + field.name.size() + 2 && value[-1] == ' ' && *value_end == '\r';
    if (!is_as_we_write) {
      flush();
      append_line(out_, field.name, field.value);
      return;
    }
    if (begin != end_) {
      flush();
      begin_ = begin;
    }
    end_ = value_end + 2;
  }

 private:
  void flush() {
    if (begin_ != end_) out_.append(begin_, end_);
    begin_ = end_ = nullptr;
  }

  std::string& out_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace relay
