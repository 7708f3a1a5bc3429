#include "http/head.h"

#include "http/field_bytes.h"

#include <cstring>

namespace relay {
namespace {

constexpr std::string_view kVersionStart = "HTTP/1.";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_target_byte(char c) {
  return c > 0x20 && c < 0x7f && c != '#';  // signed: 0x80 and up are below; a fragment is never sent
}

/// host [ ":" port ] of RFC 3986, without user information.
bool is_host(std::string_view text) {
  for (const char c : text) {
    const bool allowed = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         std::string_view("-._~:[]%!$&'()*+;=").find(c) != std::string_view::npos;
    if (!allowed) return false;
  }
  return true;
}

bool parse_length(std::string_view text, std::uint64_t& length) {
  if (text.empty() || text.size() > 19) return false;
  length = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    length = length * 10 + static_cast<unsigned>(c - '0');
  }
  return length <= std::uint64_t{INT64_MAX};
}

}  // namespace

void ParsedHead::clear() {
  base_ = "";
  method_ = target_ = path_ = query_ = authority_ = reason_ = {};
  content_length_.reset();
  repeated_ = {};
  head_bytes_ = 0;
  field_count_ = 0;
  status_ = 0;
  minor_version_ = 1;
  has_query_ = chunked_ = keep_alive_ = connection_names_fields_ = false;
  first_.fill(kAbsent);
}

std::string_view ParsedHead::value(std::string_view lower_name) const {
  for (std::size_t i = 0; i < field_count_; ++i) {
    if (same_field_name(field(i).name, lower_name)) return field(i).value;
  }
  return {};
}

/// One pass over one buffer. Each step returns need_more when the buffer ends before the step does.
class HeadParser {
 public:
  HeadParser(std::string_view buffer, const HeadLimits& limits, ParsedHead& head)
      : begin_(buffer.data()), at_(begin_), end_(begin_ + buffer.size()), limits_(limits), head_(head) {
    head_.clear();
    head_.base_ = begin_;
  }

  HeadState request() {
    if (at_ != end_ && *at_ == '\r') {  // RFC 9112 2.2: one empty line before the request line is passed over
      if (auto state = line_end(); state != HeadState::complete) return state;
    }
    if (auto state = request_line(); state != HeadState::complete) return state;
    if (auto state = fields(); state != HeadState::complete) return state;
    if (auto state = check_request(); state != HeadState::complete) return state;
    return check_framing();
  }

  HeadState answer() {
    if (auto state = status_line(); state != HeadState::complete) return state;
    if (auto state = fields(); state != HeadState::complete) return state;
    return check_framing();
  }

  HeadFault fault() const { return fault_; }

 private:
  HeadState refuse(HeadFault fault) {
    fault_ = fault;
    return HeadState::refused;
  }

  ParsedHead::Span span(const char* from, const char* to) const {
    return {static_cast<std::uint32_t>(from - begin_), static_cast<std::uint32_t>(to - from)};
  }

  /// at_ is at a control byte: CRLF is taken, all else refused.
  HeadState line_end() {
    if (at_ == end_) return HeadState::need_more;
    if (*at_ == '\n') return refuse(HeadFault::bare_lf);
    if (*at_ != '\r') return refuse(HeadFault::control_byte);
    if (end_ - at_ < 2) return HeadState::need_more;
    if (at_[1] != '\n') return refuse(HeadFault::bare_cr);
    at_ += 2;
    return HeadState::complete;
  }

  HeadState request_line() {
    const char* from = at_;
    at_ = skip_token(at_, end_);
    if (static_cast<std::size_t>(at_ - from) > kMethodBytesMax) return refuse(HeadFault::bad_request_line);
    if (at_ == end_) return HeadState::need_more;
    if (*at_ != ' ' || at_ == from)
      return refuse(*at_ == '\n' ? HeadFault::bare_lf : HeadFault::bad_request_line);
    head_.method_ = span(from, at_);

    from = ++at_;
    while (at_ != end_ && is_target_byte(*at_)) ++at_;
    if (static_cast<std::size_t>(at_ - from) > limits_.target_bytes_max)
      return refuse(HeadFault::target_too_long);
    if (at_ == end_) return HeadState::need_more;
    if (at_ == from || *at_ == '\r') return refuse(HeadFault::bad_request_line);
    if (*at_ == '\n') return refuse(HeadFault::bare_lf);
    if (*at_ != ' ') return refuse(HeadFault::bad_target);
    head_.target_ = span(from, at_);

    ++at_;
    if (auto state = version(HeadFault::bad_request_line); state != HeadState::complete) return state;
    if (at_ != end_ && !is_forbidden_control(*at_)) return refuse(HeadFault::bad_request_line);
    if (auto state = line_end(); state != HeadState::complete) return state;
    return split_target();
  }

  HeadState version(HeadFault otherwise) {
    const auto left = std::string_view(at_, static_cast<std::size_t>(end_ - at_));
    if (left.size() <= kVersionStart.size()) {
      if (kVersionStart.starts_with(left)) return HeadState::need_more;
      return refuse(left.starts_with("HTTP/") ? HeadFault::bad_version : otherwise);
    }
    if (!left.starts_with(kVersionStart)) {
      return refuse(left.starts_with("HTTP/") ? HeadFault::bad_version : otherwise);
    }
    const char minor = left[kVersionStart.size()];
    if (minor != '0' && minor != '1') return refuse(HeadFault::bad_version);
    head_.minor_version_ = static_cast<std::uint8_t>(minor - '0');
    at_ += kVersionStart.size() + 1;
    return HeadState::complete;
  }

  /// The four forms of RFC 9112 3.2.
  HeadState split_target() {
    const auto target = head_.target();
    const auto method = head_.method();
    if (method == "CONNECT") return refuse(HeadFault::connect_refused);
    const char* from = target.data();
    const char* const to = from + target.size();
    if (target == "*") {
      if (method != "OPTIONS") return refuse(HeadFault::bad_target);
      head_.path_ = head_.target_;
      return HeadState::complete;
    }
    if (*from != '/') {
      const std::size_t scheme = target.starts_with("http://") ? 7 : target.starts_with("https://") ? 8 : 0;
      if (scheme == 0) return refuse(HeadFault::bad_target);
      const char* const host = from + scheme;
      from = host;
      while (from != to && *from != '/' && *from != '?') ++from;
      const auto authority = std::string_view(host, static_cast<std::size_t>(from - host));
      if (authority.empty() || !is_host(authority)) return refuse(HeadFault::bad_target);
      head_.authority_ = span(host, from);
    }
    const void* mark = from == to ? nullptr : std::memchr(from, '?', static_cast<std::size_t>(to - from));
    const char* const path_end = mark == nullptr ? to : static_cast<const char*>(mark);
    head_.path_ = span(from, path_end);
    if (mark != nullptr) {
      head_.has_query_ = true;
      head_.query_ = span(path_end + 1, to);
    }
    return HeadState::complete;
  }

  HeadState status_line() {
    if (auto state = version(HeadFault::bad_status_line); state != HeadState::complete) return state;
    if (end_ - at_ < 5) {
      // A server that never sends more runs into the deadline, not into us.
      return std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)) != nullptr
                 ? refuse(HeadFault::bad_status_line)
                 : HeadState::need_more;
    }
    if (*at_ != ' ' || !is_digit(at_[1]) || !is_digit(at_[2]) || !is_digit(at_[3]) || at_[1] == '0') {
      return refuse(HeadFault::bad_status_line);
    }
    head_.status_ = static_cast<std::int16_t>((at_[1] - '0') * 100 + (at_[2] - '0') * 10 + (at_[3] - '0'));
    at_ += 4;
    if (*at_ != ' ' && *at_ != '\r') return refuse(HeadFault::bad_status_line);
    if (*at_ == ' ') ++at_;
    const char* from = at_;
    at_ = find_control(at_, end_);
    head_.reason_ = span(from, at_);
    if (static_cast<std::size_t>(at_ - from) > limits_.line_bytes_max)
      return refuse(HeadFault::line_too_long);
    return line_end();
  }

  HeadState fields() {
    const std::size_t fields_max = std::min(limits_.fields_max, kHeadFieldsMax);
    const std::size_t line_max = std::min<std::size_t>(limits_.line_bytes_max, UINT16_MAX);
    for (;;) {
      if (at_ == end_) return HeadState::need_more;
      const char* const line = at_;
      at_ = skip_token(at_, end_);
      if (at_ == end_)
        return too_long(line, line_max) ? refuse(HeadFault::line_too_long) : HeadState::need_more;
      if (*at_ != ':' || at_ == line) {
        if (at_ != line || *at_ != '\r') return refuse(fault_in_name(line));
        if (auto state = line_end(); state != HeadState::complete) return state;
        head_.head_bytes_ = static_cast<std::uint32_t>(at_ - begin_);
        return HeadState::complete;
      }
      const char* const colon = at_++;
      while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
      const char* const value = at_;
      at_ = find_control(at_, end_);
      if (too_long(line, line_max)) return refuse(HeadFault::line_too_long);
      const char* value_end = at_;
      if (auto state = line_end(); state != HeadState::complete) return state;
      while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
      if (head_.field_count_ == fields_max) return refuse(HeadFault::too_many_fields);
      add_field(line, colon, value, value_end);
    }
  }

  bool too_long(const char* line, std::size_t line_max) const {
    return static_cast<std::size_t>(at_ - line) > line_max;
  }

  HeadFault fault_in_name(const char* line) const {
    const char c = *at_;
    if (c == '\n') return HeadFault::bare_lf;
    if (c == '\r') return HeadFault::bad_name;
    if (c == ':') return HeadFault::empty_name;
    if (c == ' ' || c == '\t') return at_ == line ? HeadFault::folded_line : HeadFault::space_before_colon;
    return is_forbidden_control(c) ? HeadFault::control_byte : HeadFault::bad_name;
  }

  void add_field(const char* line, const char* colon, const char* value, const char* value_end) {
    const auto known = known_field({line, static_cast<std::size_t>(colon - line)});
    head_.slots_[head_.field_count_] = {.name_at = static_cast<std::uint32_t>(line - begin_),
                                        .value_at = static_cast<std::uint32_t>(value - begin_),
                                        .value_bytes = static_cast<std::uint32_t>(value_end - value),
                                        .name_bytes = static_cast<std::uint16_t>(colon - line),
                                        .known = known};
    auto& first = head_.first_[static_cast<std::size_t>(known)];
    if (first == ParsedHead::kAbsent) {
      first = head_.field_count_;
    } else {
      head_.repeated_.insert(known);
    }
    ++head_.field_count_;
  }

  HeadState check_request() {
    if (head_.repeated(KnownField::host)) return refuse(HeadFault::several_hosts);
    if (!head_.has(KnownField::host)) {
      return head_.minor_version_ == 0 ? HeadState::complete : refuse(HeadFault::no_host);
    }
    return is_host(head_.value(KnownField::host)) ? HeadState::complete : refuse(HeadFault::bad_host);
  }

  HeadState check_framing() {
    const bool has_length = head_.has(KnownField::content_length);
    if (head_.has(KnownField::transfer_encoding)) {
      if (has_length) return refuse(HeadFault::both_lengths);
      if (head_.minor_version_ == 0) return refuse(HeadFault::transfer_encoding_in_1_0);
      if (head_.repeated(KnownField::transfer_encoding) ||
          !same_field_name(head_.value(KnownField::transfer_encoding), "chunked")) {
        return refuse(HeadFault::bad_transfer_encoding);
      }
      head_.chunked_ = true;
    } else if (has_length) {
      const auto text = head_.value(KnownField::content_length);
      if (head_.repeated(KnownField::content_length) || text.find(',') != std::string_view::npos) {
        return refuse(HeadFault::several_lengths);
      }
      std::uint64_t length = 0;
      if (!parse_length(text, length)) return refuse(HeadFault::bad_length);
      head_.content_length_ = length;
    }
    read_connection();
    return HeadState::complete;
  }

  void read_connection() {
    bool close = false;
    bool keep_alive = false;
    const auto read_list = [&](std::string_view list) {
      while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        const auto option = trimmed(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
        if (same_field_name(option, "close")) {
          close = true;
        } else if (same_field_name(option, "keep-alive")) {
          keep_alive = true;
        } else if (!option.empty() && !same_field_name(option, "te") && !same_field_name(option, "upgrade")) {
          head_.connection_names_fields_ = true;
        }
      }
    };
    if (head_.repeated(KnownField::connection)) {
      for (const HeadField field : head_.fields()) {
        if (field.known == KnownField::connection) read_list(field.value);
      }
    } else {
      read_list(head_.value(KnownField::connection));
    }
    head_.keep_alive_ = !close && (head_.minor_version_ == 1 || keep_alive);
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  const HeadLimits& limits_;
  ParsedHead& head_;
  HeadFault fault_ = HeadFault::none;
};

HeadState HeadReader::read_request(std::string_view buffer, ParsedHead& head) {
  if (!may_be_whole(buffer)) return finish(buffer, HeadState::need_more);
  HeadParser parser(buffer.substr(0, limits_.head_bytes_max), limits_, head);
  const auto state = parser.request();
  fault_ = parser.fault();
  return finish(buffer, state);
}

HeadState HeadReader::read_answer(std::string_view buffer, ParsedHead& head) {
  if (!may_be_whole(buffer)) return finish(buffer, HeadState::need_more);
  HeadParser parser(buffer.substr(0, limits_.head_bytes_max), limits_, head);
  const auto state = parser.answer();
  fault_ = parser.fault();
  return finish(buffer, state);
}

/// The first look is a parse. Later ones wait for what ends a head: CRLFCRLF, or an LF that is a fault.
bool HeadReader::may_be_whole(std::string_view buffer) const {
  if (looked_at_ == 0 || buffer.size() > limits_.head_bytes_max) return true;
  for (std::size_t at = looked_at_; at < buffer.size(); ++at) {
    const void* hit = std::memchr(buffer.data() + at, '\n', buffer.size() - at);
    if (hit == nullptr) return false;
    at = static_cast<std::size_t>(static_cast<const char*>(hit) - buffer.data());
    const auto before = buffer.substr(0, at);
    if (!before.ends_with('\r') || before.ends_with("\r\n\r")) return true;
  }
  return false;
}

HeadState HeadReader::finish(std::string_view buffer, HeadState state) {
  if (state != HeadState::need_more) return state;
  looked_at_ = buffer.size();
  if (buffer.size() < limits_.head_bytes_max) return state;
  fault_ = HeadFault::head_too_large;
  return HeadState::refused;
}

BodyFraming body_of_request(const ParsedHead& head) {
  if (head.chunked()) return BodyFraming::chunked();
  return BodyFraming::of_length(head.content_length().value_or(0));
}

BodyFraming body_of_answer(const ParsedHead& head, bool to_head) {
  if (to_head || head.status() < 200 || head.status() == 204 || head.status() == 304) return {};
  if (head.chunked()) return BodyFraming::chunked();
  return head.content_length() ? BodyFraming::of_length(*head.content_length()) : BodyFraming::until_close();
}

}  // namespace relay
