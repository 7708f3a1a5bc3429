#include "http/content_coding.h"

#include "http/field_bytes.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace relay {
namespace {

constexpr int kGzipOrZlib = 15 + 32;  // zlib looks at the header and decides
constexpr int kZstdWindowLogMax = 23;

// Read at once by the caller, on its thread.
thread_local std::array<char, 16 * 1024> decode_buffer;

struct CodingName {
  std::string_view name;
  ContentCoding coding;
};

constexpr auto kCodingNames = std::to_array<CodingName>({
    {"", ContentCoding::identity},
    {"identity", ContentCoding::identity},
    {"gzip", ContentCoding::gzip},
    {"x-gzip", ContentCoding::gzip},
    {"deflate", ContentCoding::deflate},
    {"br", ContentCoding::br},
    {"zstd", ContentCoding::zstd},
});

}  // namespace

ContentCoding parse_content_coding(std::string_view content_encoding) {
  const auto name = trimmed(content_encoding);
  const auto* const found = std::ranges::find_if(
      kCodingNames, [name](const CodingName& known) { return same_field_name(name, known.name); });
  return found == kCodingNames.end() ? ContentCoding::unknown : found->coding;
}

std::string readable_codings(std::string_view accept_encoding) {
  std::string kept;
  while (!accept_encoding.empty()) {
    const auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto item = trimmed(accept_encoding.substr(0, comma));
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    if (item.empty() || parse_content_coding(item.substr(0, item.find(';'))) == ContentCoding::unknown)
      continue;
    if (!kept.empty()) kept += ", ";
    kept.append(item);
  }
  return kept;
}

// One step of a library: as much of `input` as fits into the buffer.
class ContentDecoder::Format {
 public:
  struct Step {
    std::size_t made = 0;
    bool damaged = false;
    bool ended = false;
  };
  virtual ~Format() = default;
  virtual Step decode(std::string_view& input) = 0;
};

class ContentDecoder::Zlib final : public Format {
 public:
  Zlib() : ready_(::inflateInit2(&stream_, kGzipOrZlib) == Z_OK) {}
  ~Zlib() override { ::inflateEnd(&stream_); }
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;

  Step decode(std::string_view& input) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(decode_buffer.data());
    stream_.avail_out = static_cast<uInt>(decode_buffer.size());
    const int outcome = ready_ ? ::inflate(&stream_, Z_SYNC_FLUSH) : Z_MEM_ERROR;
    input.remove_prefix(input.size() - stream_.avail_in);
    return {.made = decode_buffer.size() - stream_.avail_out,
            .damaged = outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR,
            .ended = outcome == Z_STREAM_END};
  }

 private:
  z_stream stream_{};
  bool ready_;
};

class ContentDecoder::Brotli final : public Format {
 public:
  Step decode(std::string_view& input) override {
    auto left = input.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(input.data());
    auto room = decode_buffer.size();
    auto* out = reinterpret_cast<std::uint8_t*>(decode_buffer.data());
    const auto outcome =
        state_ ? ::BrotliDecoderDecompressStream(state_.get(), &left, &next, &room, &out, nullptr)
               : BROTLI_DECODER_RESULT_ERROR;
    input.remove_prefix(input.size() - left);
    return {.made = decode_buffer.size() - room,
            .damaged = outcome == BROTLI_DECODER_RESULT_ERROR,
            .ended = outcome == BROTLI_DECODER_RESULT_SUCCESS};
  }

 private:
  std::unique_ptr<BrotliDecoderState, decltype(&::BrotliDecoderDestroyInstance)> state_{
      ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &::BrotliDecoderDestroyInstance};
};

class ContentDecoder::Zstd final : public Format {
 public:
  Zstd() {
    if (context_) ::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  Step decode(std::string_view& input) override {
    if (!context_) return {.damaged = true};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{decode_buffer.data(), decode_buffer.size(), 0};
    const auto outcome = ::ZSTD_decompressStream(context_.get(), &out, &in);
    input.remove_prefix(in.pos);
    return {.made = out.pos, .damaged = ::ZSTD_isError(outcome) != 0, .ended = outcome == 0};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, decltype(&::ZSTD_freeDCtx)> context_{::ZSTD_createDCtx(), &::ZSTD_freeDCtx};
};

std::unique_ptr<ContentDecoder::Format> ContentDecoder::make_format(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::gzip:
    case ContentCoding::deflate:
      return std::make_unique<Zlib>();
    case ContentCoding::br:
      return std::make_unique<Brotli>();
    case ContentCoding::zstd:
      return std::make_unique<Zstd>();
    case ContentCoding::identity:
    case ContentCoding::unknown:
      break;
  }
  return nullptr;
}

ContentDecoder::ContentDecoder(ContentCoding coding, std::uint64_t output_bytes_max)
    : format_(make_format(coding)), room_(output_bytes_max), stopped_(format_ == nullptr) {}

ContentDecoder::~ContentDecoder() = default;
ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;

void ContentDecoder::begin(std::string_view piece) { rest_ = piece; }

bool ContentDecoder::next(std::string_view& decoded) {
  while (!stopped_ && !ended_ && (!rest_.empty() || more_pending_)) {
    const auto before = rest_.size();
    const auto step = format_->decode(rest_);
    more_pending_ = step.made == decode_buffer.size();
    ended_ = step.ended;
    over_bound_ = step.made > room_;
    stopped_ = step.damaged || over_bound_;
    if (stopped_) return false;
    room_ -= step.made;
    decoded = {decode_buffer.data(), step.made};
    if (step.made > 0) return true;
    if (rest_.size() == before) return false;
  }
  return false;
}

Result<std::string> decode_body(ContentCoding coding, std::string_view body, std::size_t bytes_max) {
  ContentDecoder decoder(coding, bytes_max);
  std::string out;
  decoder.feed(body, [&out](std::string_view decoded) { out.append(decoded); });
  if (decoder.complete()) return out;
  if (decoder.over_bound())
    return Error(ErrorKind::payload_too_large, "body_too_large", "The request body is too large");
  return Error(ErrorKind::validation, "request_body_undecodable",
               "The request body is not what its Content-Encoding says, or is cut")
      .on_field("content-encoding", "does not fit the body");
}

}  // namespace relay
