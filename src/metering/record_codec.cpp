#include "metering/record_codec.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace relay {
namespace {

// A new field goes to the end under a new version; decode_record keeps reading the old ones.
constexpr unsigned char kVersion = 2;
constexpr unsigned char kFirstVersion = 1;  // without rare counts, the charge and the cached flag

constexpr std::uint64_t kStreamed = 1;
constexpr std::uint64_t kEstimated = 2;
constexpr std::uint64_t kPriced = 4;
constexpr std::uint64_t kCached = 8;
constexpr std::uint64_t kFlagsMax = 15;
constexpr std::uint64_t kFirstFlagsMax = 7;

// Numbers are small and hardly ever negative; zigzag keeps a negative one short.
std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void bits(std::uint64_t value) {
    char bytes[10];
    std::size_t count = 0;
    for (; value >= 0x80; value >>= 7) bytes[count++] = static_cast<char>(value | 0x80);
    bytes[count++] = static_cast<char>(value);
    out_.append(bytes, count);
  }
  void number(std::int64_t value) { bits(zigzag(value)); }
  void text(std::string_view value) {
    bits(value.size());
    out_.append(value);
  }

 private:
  std::string& out_;
};

/// After the first thing that does not fit it reads zeros and empty texts; ok() says so at the end.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : left_(bytes) {}

  std::uint64_t bits() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;  // past 64 bits
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail(), 0;
  }
  std::uint64_t bits_up_to(std::uint64_t max) {
    const auto value = bits();
    return value <= max ? value : (fail(), 0);
  }
  void number(std::int64_t& out) { out = from_zigzag(bits()); }
  void text(std::string_view& out) {
    const auto size = bits();
    if (size > left_.size()) return fail();
    out = left_.substr(0, size);
    left_.remove_prefix(size);
  }
  template <class Enum>
  void enumerator(Enum& out, Enum last) {
    const auto value = bits_up_to(static_cast<std::uint64_t>(last));
    if (value == 0) return fail();
    out = static_cast<Enum>(value);
  }
  bool ok() const { return ok_ && left_.empty(); }

 private:
  void fail() {
    ok_ = false;
    left_ = {};
  }
  std::string_view left_;
  bool ok_ = true;
};

// Both directions walk the fields in one order: this list and texts_of().
template <class Record, class Visit>
void each_number(Record& record, Visit visit) {
  for (std::size_t i = 0; i < kCommonUsageCounts; ++i) visit(record.usage.*kUsageCounts[i].of);
  for (auto* number : {&record.cost_nano_usd, &record.first_byte_ms, &record.duration_ms}) visit(*number);
}
template <class Record, class Visit>
void each_rare_number(Record& record, Visit visit) {
  for (auto i = kCommonUsageCounts; i < kUsageCounts.size(); ++i) visit(record.usage.*kUsageCounts[i].of);
}

// Hardly ever anything but 0. Any two numbers have a difference this way.
std::int64_t difference(std::int64_t from, std::int64_t to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}
std::int64_t behind(std::int64_t from, std::int64_t difference) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + static_cast<std::uint64_t>(difference));
}

}  // namespace

void encode_record(const UsageRecordView& record, std::string& out) {
  out.push_back(static_cast<char>(kVersion));
  Encoder encoder(out);
  for (const auto* text : texts_of(record)) encoder.text(*text);
  encoder.bits(static_cast<std::uint64_t>(record.dialect));
  encoder.bits(static_cast<std::uint64_t>(record.outcome));
  encoder.bits((record.streamed ? kStreamed : 0) | (record.estimated ? kEstimated : 0) |
               (record.priced ? kPriced : 0) | (record.cached ? kCached : 0));
  encoder.number(record.status);
  each_number(record, [&](std::int64_t number) { encoder.number(number); });
  encoder.number(record.started_at.time_since_epoch().count());
  each_rare_number(record, [&](std::int64_t number) { encoder.number(number); });
  encoder.number(difference(record.cost_nano_usd, record.charge_nano_usd));
}

Result<> decode_record(std::string_view bytes, UsageRecordView& record) {
  const auto broken = [] { return Error(ErrorKind::internal, "journal_broken", "Internal error"); };
  if (bytes.empty()) return broken().because("an empty usage record");
  const auto version = static_cast<unsigned char>(bytes.front());
  if (version < kFirstVersion || version > kVersion) {
    return broken().because("a usage record of version " + std::to_string(version) + "; this program knows " +
                            std::to_string(kVersion));
  }
  Decoder decoder(bytes.substr(1));
  for (auto* text : texts_of(record)) decoder.text(*text);
  decoder.enumerator(record.dialect, WireDialect::openai_responses);
  decoder.enumerator(record.outcome, AttemptOutcome::unknown);
  const auto flags = decoder.bits_up_to(version == kFirstVersion ? kFirstFlagsMax : kFlagsMax);
  record.streamed = (flags & kStreamed) != 0;
  record.estimated = (flags & kEstimated) != 0;
  record.priced = (flags & kPriced) != 0;
  record.cached = (flags & kCached) != 0;
  std::int64_t status = 0;
  decoder.number(status);
  each_number(record, [&](std::int64_t& number) { decoder.number(number); });
  std::int64_t started_at_ms = 0;
  decoder.number(started_at_ms);
  std::int64_t charged_otherwise = 0;
  if (version == kFirstVersion) {
    each_rare_number(record, [](std::int64_t& number) { number = 0; });
  } else {
    each_rare_number(record, [&](std::int64_t& number) { decoder.number(number); });
    decoder.number(charged_otherwise);
  }
  if (!decoder.ok() || status < 0 || status > 999) {
    return broken().because("a usage record of " + std::to_string(bytes.size()) +
                            " bytes that does not read");
  }
  record.status = static_cast<int>(status);
  record.charge_nano_usd = behind(record.cost_nano_usd, charged_otherwise);
  record.started_at = WallTime(std::chrono::milliseconds(started_at_ms));
  return ok;
}

}  // namespace relay
