#include "metering/record_group.h"

#include "metering/record_codec.h"

namespace relay {
namespace {

constexpr char kGroupVersion = 2;
constexpr std::size_t kHeadBytes = 5;
constexpr std::size_t kLengthBytes = 4;

void put_number(std::string& out, std::size_t at, std::size_t number) {
  for (std::size_t i = 0; i < kLengthBytes; ++i) out[at + i] = static_cast<char>((number >> (8 * i)) & 0xFF);
}

std::size_t number_at(std::string_view bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    number |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return number;
}

}  // namespace

RecordGroup::RecordGroup() { clear(); }

void RecordGroup::clear() {
  bytes_.assign(1, kGroupVersion).append(kHeadBytes - 1, '\0');
  count_ = 0;
}

void RecordGroup::add(const UsageRecordView& record) {
  const auto at = bytes_.size();
  bytes_.append(kLengthBytes, '\0');
  encode_record(record, bytes_);
  put_number(bytes_, at, bytes_.size() - at - kLengthBytes);
  put_number(bytes_, 1, static_cast<std::size_t>(++count_));
}

Result<std::int64_t> count_of_group(std::string_view bytes) {
  const auto broken = [] { return Error(ErrorKind::internal, "journal_broken", "Internal error"); };
  if (bytes.size() < kHeadBytes || bytes[0] != kGroupVersion) {
    return broken().because("no group of usage records of version " + std::to_string(kGroupVersion));
  }
  return static_cast<std::int64_t>(number_at(bytes, 1));
}

void read_group(std::shared_ptr<const std::string> bytes, std::int64_t first, std::int64_t from,
                std::int64_t end, RecordPage& page) {
  std::string_view left(*bytes);
  left.remove_prefix(std::min(left.size(), kHeadBytes));
  for (auto sequence = first; sequence < end && !left.empty(); ++sequence) {
    const auto length = left.size() < kLengthBytes ? std::string_view::npos : number_at(left, 0);
    if (length == std::string_view::npos || length > left.size() - kLengthBytes) {
      page.broken.push_back({sequence, std::string(left), "the group of records ends too early"});
      break;
    }
    const auto record_bytes = left.substr(kLengthBytes, length);
    left.remove_prefix(kLengthBytes + length);
    if (sequence < from) continue;
    auto& journaled = page.batch.records.emplace_back();
    journaled.sequence = sequence;
    if (const auto decoded = decode_record(record_bytes, journaled.record); decoded.has_error()) {
      page.batch.records.pop_back();
      page.broken.push_back({sequence, std::string(record_bytes), decoded.error().cause()});
    }
  }
  page.batch.texts.push_back(std::move(bytes));
}

}  // namespace relay
