// The usage records of one turn of an event loop in the journal's form: one LevelDB value.
#pragma once

#include "base/result.h"
#include "domain/usage_record.h"
#include "store/usage_store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Grows by one record at a time; keeps its memory when it is cleared.
class RecordGroup {
 public:
  RecordGroup();

  /// Copies the record's texts.
  void add(const UsageRecordView& record);
  void clear();

  std::int64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// A version byte, the count (4 bytes), then each record (record_codec.h) behind its length (4 bytes),
  /// little end first.
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::int64_t count_ = 0;
};

/// A record that does not read; kept as it is for a person to look at.
struct BrokenRecord {
  std::int64_t sequence = 0;
  std::string bytes;
  std::string reason;
};

/// Records read back, with what did not read among them.
struct RecordPage {
  UsageBatch& batch;
  std::vector<BrokenRecord> broken{};
};

/// How many records these bytes of a group say they are; internal "journal_broken" for anything else.
Result<std::int64_t> count_of_group(std::string_view bytes);

/// Appends the group's records with numbers from `from` on and below `end` to the page, which shares the
/// bytes from then on. `first` is the number of the group's first record.
void read_group(std::shared_ptr<const std::string> bytes, std::int64_t first, std::int64_t from,
                std::int64_t end, RecordPage& page);

}  // namespace relay
