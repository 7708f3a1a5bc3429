#include "http/content_coding.h"

#include "http/field_bytes.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace relay {
namespace {

constexpr int kGzipOrZlib = 15 + 32;  // zlib looks at the header and decides

// Read at once by the caller, on its thread.
thread_local std::array<char, 16 * 1024> inflate_buffer;

}  // namespace

std::string readable_codings(std::string_view accept_encoding) {
  std::string kept;
  while (!accept_encoding.empty()) {
    const auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto item = trimmed(accept_encoding.substr(0, comma));
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    const auto name = trimmed(item.substr(0, item.find(';')));
    if (!same_field_name(name, "gzip") && !same_field_name(name, "deflate") &&
        !same_field_name(name, "identity"))
      continue;
    if (!kept.empty()) kept += ", ";
    kept.append(item);
  }
  return kept;
}

ContentCoding parse_content_coding(std::string_view content_encoding) {
  const auto name = trimmed(content_encoding);
  if (name.empty() || same_field_name(name, "identity")) return ContentCoding::identity;
  if (same_field_name(name, "gzip") || same_field_name(name, "x-gzip")) return ContentCoding::gzip;
  if (same_field_name(name, "deflate")) return ContentCoding::deflate;
  return ContentCoding::unknown;
}

Inflater::Inflater(ContentCoding coding, std::uint64_t output_bytes_max)
    : stream_(std::make_unique<z_stream>()), room_(output_bytes_max) {
  const bool readable = coding == ContentCoding::gzip || coding == ContentCoding::deflate;
  stopped_ = !readable || ::inflateInit2(stream_.get(), kGzipOrZlib) != Z_OK;
}

Inflater::~Inflater() {
  if (stream_) ::inflateEnd(stream_.get());
}

Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&& other) noexcept {
  std::swap(stream_, other.stream_);
  rest_ = other.rest_;
  room_ = other.room_;
  stopped_ = other.stopped_;
  ended_ = other.ended_;
  more_pending_ = other.more_pending_;
  return *this;
}

void Inflater::begin(std::string_view piece) { rest_ = piece; }

bool Inflater::next(std::string_view& inflated) {
  if (stopped_ || ended_ || (rest_.empty() && !more_pending_)) return false;
  auto& stream = *stream_;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
  stream.avail_in = static_cast<uInt>(rest_.size());
  stream.next_out = reinterpret_cast<Bytef*>(inflate_buffer.data());
  stream.avail_out = static_cast<uInt>(inflate_buffer.size());
  const int outcome = ::inflate(&stream, Z_SYNC_FLUSH);
  rest_.remove_prefix(rest_.size() - stream.avail_in);
  const auto made = inflate_buffer.size() - stream.avail_out;
  more_pending_ = stream.avail_out == 0;
  ended_ = outcome == Z_STREAM_END;
  if ((outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) || made > room_) {
    stopped_ = true;
    return false;
  }
  room_ -= made;
  inflated = {inflate_buffer.data(), made};
  return made > 0;
}

}  // namespace relay
