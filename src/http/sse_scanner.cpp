#include "http/sse_scanner.h"

#include <cstring>

namespace relay {
namespace {

constexpr std::size_t kKeptBytesMax = 16 * 1024;  // of each buffer, between events
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::size_t find(std::string_view text, char c) {
  const void* hit = text.empty() ? nullptr : std::memchr(text.data(), c, text.size());
  return hit == nullptr ? std::string_view::npos
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

void clear(std::string& buffer) {
  if (buffer.capacity() > kKeptBytesMax) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

/// The value of a field when `line` is that field: what is behind the colon and one space.
bool is_field(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name)) return false;
  line.remove_prefix(name.size());
  if (!line.empty()) {
    if (line.front() != ':') return false;
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  value = line;
  return true;
}

}  // namespace

void SseScanner::begin(std::string_view piece) {
  if (delivered_) forget_event();
  rest_ = piece;
  if (piece.empty()) return;
  if (skip_lf_) {
    skip_lf_ = false;
    if (rest_.front() == '\n') rest_.remove_prefix(1);
  }
  piece_has_cr_ = find(rest_, '\r') != std::string_view::npos;
}

bool SseScanner::next(SseEvent& event) {
  if (delivered_) forget_event();
  while (!rest_.empty()) {
    std::size_t end = rest_.front() == '\n' ? 0 : find(rest_, '\n');
    if (piece_has_cr_) end = std::min(end, find(rest_.substr(0, end), '\r'));
    if (end == std::string_view::npos) break;
    std::string_view line = rest_.substr(0, end);
    const bool is_cr = rest_[end] == '\r';
    rest_.remove_prefix(end + 1);
    if (is_cr) {
      if (rest_.empty()) skip_lf_ = true;
      if (rest_.starts_with('\n')) rest_.remove_prefix(1);
    }
    grow(line.size());
    bool blank = line.empty();
    if (line_open_) {
      line_open_ = false;
      blank = false;
      if (!oversize_) line = kept_line_.append(line);
    }
    if (first_line_) {
      first_line_ = false;
      if (line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
        blank = line.empty() && !oversize_;
      }
    }
    if (!blank) {
      if (!oversize_) take_line(line);
      continue;
    }
    if (oversize_) {
      ++skipped_events_;
    } else if (has_data_) {
      event = {.name = name(), .data = data()};
      delivered_ = true;
      return true;
    }
    forget_event();
  }
  keep(rest_);
  rest_ = {};
  return false;
}

void SseScanner::grow(std::size_t bytes) {
  event_bytes_ += bytes;
  if (event_bytes_ <= event_bytes_max_ || oversize_) return;
  oversize_ = true;
  clear(kept_name_);
  clear(kept_data_);
  clear(kept_line_);
}

void SseScanner::take_line(std::string_view line) {
  std::string_view value;
  if (line.front() == 'd') {
    if (is_field(line, "data", value)) take_data(value);
  } else if (line.front() == 'e' && is_field(line, "event", value)) {
    name_ = value;
    name_kept_ = false;
  }
}

void SseScanner::take_data(std::string_view value) {
  if (!has_data_) {
    has_data_ = true;
    data_ = value;
    data_kept_ = false;
    return;
  }
  if (!data_kept_) kept_data_.assign(data_);
  data_kept_ = true;
  kept_data_.push_back('\n');
  kept_data_.append(value);
}

// The piece is about to go: what the event at hand needs of it moves into our own buffers.
void SseScanner::keep(std::string_view cut_line) {
  if (!oversize_) {
    if (!name_kept_ && !name_.empty()) {
      kept_name_.assign(name_);
      name_kept_ = true;
    }
    if (has_data_ && !data_kept_) {
      kept_data_.assign(data_);
      data_kept_ = true;
    }
  }
  name_ = {};
  data_ = {};
  if (cut_line.empty()) return;
  grow(cut_line.size());
  if (!oversize_) {
    if (!line_open_) kept_line_.clear();
    kept_line_.append(cut_line);
  }
  line_open_ = true;
}

void SseScanner::forget_event() {
  name_ = {};
  data_ = {};
  clear(kept_name_);
  clear(kept_data_);
  if (!line_open_) clear(kept_line_);
  event_bytes_ = 0;
  has_data_ = name_kept_ = data_kept_ = oversize_ = delivered_ = false;
}

}  // namespace relay
