#include "http/chunk_scanner.h"

#include "http/field_bytes.h"
#include "http/head_limits.h"

namespace relay {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string_view describe(ChunkFault fault) {
  switch (fault) {
    case ChunkFault::none:
      return "the chunked body is well-formed";
    case ChunkFault::bad_size:
      return "a chunk size is not a hexadecimal number";
    case ChunkFault::size_too_large:
      return "a chunk size is too large";
    case ChunkFault::line_too_long:
      return "a chunk line is too long";
    case ChunkFault::bad_extension:
      return "a chunk extension is malformed";
    case ChunkFault::bare_cr:
      return "a line of the chunked body has a CR without LF";
    case ChunkFault::bare_lf:
      return "a line of the chunked body has an LF without CR";
    case ChunkFault::missing_crlf:
      return "a chunk is not followed by CRLF";
    case ChunkFault::trailer_too_long:
      return "the trailer section is too long";
    case ChunkFault::bad_trailer:
      return "a trailer field is malformed";
  }
  return "the chunked body is malformed";
}

void ChunkScanner::fail(ChunkFault fault) {
  fault_ = fault;
  state_ = State::broken;
}

std::size_t ChunkScanner::scan_framing(std::string_view bytes, std::size_t at) {
  while (at < bytes.size()) {
    const char c = bytes[at];
    switch (state_) {
      case State::size_first:
      case State::size: {
        const int digit = hex_digit(c);
        if (digit >= 0) {
          if (left_ > kChunkBytesMax >> 4) return fail(ChunkFault::size_too_large), at;  // before it wraps
          left_ = left_ << 4 | static_cast<unsigned>(digit);
          if (left_ > kChunkBytesMax) return fail(ChunkFault::size_too_large), at;
          if (++line_bytes_ > kChunkLineBytesMax) return fail(ChunkFault::line_too_long), at;
          state_ = State::size;
        } else if (c == '\n') {
          return fail(ChunkFault::bare_lf), at;
        } else if (state_ == State::size_first) {
          return fail(ChunkFault::bad_size), at;
        } else if (c == '\r') {
          state_ = State::size_lf;
        } else if (c == ';') {
          ++line_bytes_;
          state_ = State::extension;
        } else if (is_blank(c)) {
          ++line_bytes_;
          state_ = State::space;
        } else {
          return fail(ChunkFault::bad_size), at;
        }
        ++at;
        break;
      }
      case State::space:  // "bad" white space (RFC 9110 5.6.3) may stand before the semicolon only
        if (++line_bytes_ > kChunkLineBytesMax) return fail(ChunkFault::line_too_long), at;
        if (c == ';') {
          state_ = State::extension;
        } else if (!is_blank(c)) {
          return fail(ChunkFault::bad_extension), at;
        }
        ++at;
        break;
      case State::extension: {
        const char* begin = bytes.data() + at;
        const char* stop = find_control(begin, bytes.data() + bytes.size());
        const auto run = static_cast<std::size_t>(stop - begin);
        if (run > kChunkLineBytesMax - line_bytes_) return fail(ChunkFault::line_too_long), at;
        line_bytes_ += static_cast<std::uint32_t>(run);
        at += run;
        if (at == bytes.size()) return at;
        if (bytes[at] == '\n') return fail(ChunkFault::bare_lf), at;
        if (bytes[at] != '\r') return fail(ChunkFault::bad_extension), at;
        state_ = State::size_lf;
        ++at;
        break;
      }
      case State::size_lf:
        if (c != '\n') return fail(ChunkFault::bare_cr), at;
        ++at;
        line_bytes_ = 0;
        if (left_ != 0) {
          state_ = State::data;
          return at;
        }
        state_ = State::trailer_first;
        break;
      case State::data_cr:
        if (c != '\r') return fail(ChunkFault::missing_crlf), at;
        state_ = State::data_lf;
        ++at;
        break;
      case State::data_lf:
        if (c != '\n') return fail(ChunkFault::missing_crlf), at;
        state_ = State::size_first;
        ++at;
        break;
      case State::trailer_first:
        if (c == '\r') {
          state_ = State::end_lf;
          ++at;
          break;
        }
        if (c == '\n') return fail(ChunkFault::bare_lf), at;
        if (!is_token_byte(c)) return fail(ChunkFault::bad_trailer), at;
        state_ = State::trailer_name;
        break;
      case State::trailer_name:
        if (c != ':' && !is_token_byte(c)) return fail(ChunkFault::bad_trailer), at;
        if (++trailer_bytes_ > kTrailerBytesMax) return fail(ChunkFault::trailer_too_long), at;
        if (c == ':') state_ = State::trailer_value;
        ++at;
        break;
      case State::trailer_value: {
        const char* begin = bytes.data() + at;
        const char* stop = find_control(begin, bytes.data() + bytes.size());
        const auto run = static_cast<std::size_t>(stop - begin);
        if (run > kTrailerBytesMax - trailer_bytes_) return fail(ChunkFault::trailer_too_long), at;
        trailer_bytes_ += static_cast<std::uint32_t>(run);
        at += run;
        if (at == bytes.size()) return at;
        if (bytes[at] == '\n') return fail(ChunkFault::bare_lf), at;
        if (bytes[at] != '\r') return fail(ChunkFault::bad_trailer), at;
        state_ = State::trailer_lf;
        ++at;
        break;
      }
      case State::trailer_lf:
        if (c != '\n') return fail(ChunkFault::bare_cr), at;
        state_ = State::trailer_first;
        ++at;
        break;
      case State::end_lf:
        if (c != '\n') return fail(ChunkFault::bare_cr), at;
        state_ = State::done;
        return at + 1;
      case State::data:
      case State::done:
      case State::broken:
        return at;
    }
  }
  return at;
}

}  // namespace relay
