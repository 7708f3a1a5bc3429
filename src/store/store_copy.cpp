#include "store/store_copy.h"

#include "base/clock.h"
#include "crypto/sha256.h"
#include "domain/identifier.h"
#include "store/copy_progress.h"
#include "store/job_lease_store.h"
#include "store/row_store.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <initializer_list>
#include <memory>

namespace relay {
namespace {

constexpr int kPageRows = 1'000;
constexpr std::int64_t kSayEvery = 100'000;

// The target's mark is a lease: leases are in every store and are not copied. Its holder is the copy's id.
constexpr const char* kMark = "copy";
// Between its beginning and the first person that it writes no other copy may begin; afterwards the target is
// not empty, and that keeps others out.
constexpr std::chrono::minutes kMarkTime{1};

/// Adds up rows. Every value is preceded by its length, so that no two rows read the same.
class Digest {
 public:
  explicit Digest(std::string_view table) { digest_.table = table; }

  void value(std::string_view text) { text_.append(std::to_string(text.size())).append(1, ':').append(text); }
  void value(std::int64_t number) { value(std::to_string(number)); }
  void null() { text_ += '-'; }
  void end_row() {
    const auto hash = sha256(text_);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 8; ++i) sum = (sum << 8) | hash[i];
    digest_.checksum += sum;
    ++digest_.rows;
    text_.clear();
  }
  const TableDigest& digest() const { return digest_; }

 private:
  TableDigest digest_;
  std::string text_;
};

void add_usage(Digest& digest, const Usage& usage) {
  for (const auto& count : kUsageCounts) digest.value(usage.*count.of);
}

void add(Digest& digest, const Row& row) {
  for (const auto& value : row) {
    if (value) {
      digest.value(*value);
    } else {
      digest.null();
    }
  }
  digest.end_row();
}

void add(Digest& digest, const UsageRecord& record) {
  for (const auto* text : texts_of(record)) digest.value(*text);
  digest.value(static_cast<std::int64_t>(record.dialect));
  digest.value(static_cast<std::int64_t>(record.outcome));
  for (const bool flag : {record.streamed, record.estimated, record.priced, record.cached}) {
    digest.value(static_cast<std::int64_t>(flag));
  }
  digest.value(std::int64_t{record.status});
  add_usage(digest, record.usage);
  digest.value(record.cost_nano_usd);
  digest.value(record.charge_nano_usd);
  digest.value(static_cast<std::int64_t>(record.started_at.time_since_epoch().count()));
  digest.value(record.first_byte_ms);
  digest.value(record.duration_ms);
  digest.end_row();
}

void add(Digest& digest, const UsageDay& line) {
  for (const auto* text : {&line.user_id, &line.key_id, &line.model}) digest.value(*text);
  digest.value(line.day);
  digest.value(static_cast<std::int64_t>(line.dialect));
  digest.value(line.totals.requests);
  digest.value(line.totals.errors);
  digest.value(line.totals.unpriced_requests);
  digest.value(line.totals.cached_requests);
  add_usage(digest, line.totals.usage);
  digest.value(line.totals.cost_nano_usd);
  digest.value(line.totals.charge_nano_usd);
  digest.end_row();
}

/// Says how many rows there are now and then.
class Counter {
 public:
  Counter(const StoreCopyParts& parts, std::string_view doing, std::string_view table)
      : parts_(parts), words_(std::string(doing) + " " + std::string(table) + ": ") {}
  void add(std::size_t rows) {
    const auto before = rows_ / kSayEvery;
    rows_ += static_cast<std::int64_t>(rows);
    if (rows_ / kSayEvery != before) parts_.say(words_ + std::to_string(rows_) + " rows …");
  }
  void done() const { parts_.say(words_ + std::to_string(rows_) + " rows"); }

 private:
  const StoreCopyParts& parts_;
  std::string words_;
  std::int64_t rows_ = 0;
};

/// A page that was read: how many rows, and the place behind it.
struct PageRead {
  std::size_t rows = 0;
  std::string place{};  // empty when that was the last
};

/// What is copied, and compared, in pages.
class Section {
 public:
  virtual ~Section() = default;
  virtual std::string_view name() const = 0;
  /// Before the first page: takes away what a new store has of itself.
  virtual Task<> clear(RowStore&) const { co_return ok; }
  virtual Task<PageRead> carry(CopyEnd from, CopyEnd to, std::string place) const = 0;
  virtual Task<PageRead> read(CopyEnd end, std::string place, Digest& digest) const = 0;
};

class TableSection final : public Section {
 public:
  explicit TableSection(const RowTable& table) : table_(table) {}
  std::string_view name() const override { return table_.name; }
  Task<> clear(RowStore& rows) const override {
    if (table_.seeded) CO_CHECK(co_await rows.clear(table_));
    co_return ok;
  }
  Task<PageRead> carry(CopyEnd from, CopyEnd to, std::string place) const override {
    CO_TRY(auto page, co_await from.rows.read(table_, std::move(place), kPageRows));
    const auto count = page.rows.size();
    if (count > 0) CO_CHECK(co_await to.rows.put(table_, std::move(page.rows)));
    co_return PageRead{.rows = count, .place = std::move(page.place)};
  }
  Task<PageRead> read(CopyEnd end, std::string place, Digest& digest) const override {
    CO_TRY(auto page, co_await end.rows.read(table_, std::move(place), kPageRows));
    for (const auto& row : page.rows) add(digest, row);
    co_return PageRead{.rows = page.rows.size(), .place = std::move(page.place)};
  }

 private:
  const RowTable& table_;
};

/// Usage has pages of its own: how they are read, what is in them, and how they are put.
template <auto kRead, auto kRows, auto kRestore>
class UsageSection final : public Section {
 public:
  explicit UsageSection(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }
  Task<PageRead> carry(CopyEnd from, CopyEnd to, std::string place) const override {
    CO_TRY(auto page, co_await (from.usage.*kRead)(std::move(place), kPageRows));
    auto rows = std::move(page.*kRows);
    const auto count = rows.size();
    if (count > 0) CO_CHECK(co_await (to.usage.*kRestore)(std::move(rows)));
    co_return PageRead{.rows = count, .place = std::move(page.place)};
  }
  Task<PageRead> read(CopyEnd end, std::string place, Digest& digest) const override {
    CO_TRY(auto page, co_await (end.usage.*kRead)(std::move(place), kPageRows));
    for (const auto& row : page.*kRows) add(digest, row);
    co_return PageRead{.rows = (page.*kRows).size(), .place = std::move(page.place)};
  }

 private:
  const std::string_view name_;
};

using RecordSection =
    UsageSection<&UsageStore::read_records, &UsageRecordPage::records, &UsageStore::restore_records>;
using DaySection = UsageSection<&UsageStore::read_days, &UsageDayPage::days, &UsageStore::restore_days>;

using Sections = std::vector<std::unique_ptr<const Section>>;

Sections all_sections() {
  Sections sections;
  for (const auto& table : row_tables()) sections.push_back(std::make_unique<TableSection>(table));
  sections.push_back(std::make_unique<RecordSection>(kUsageTables[0]));
  sections.push_back(std::make_unique<DaySection>(kUsageTables[1]));
  return sections;
}

Task<> copy_section(const StoreCopyParts& parts, CopyProgress& progress, const Section& section) {
  auto place = progress.place_in(section.name());
  CO_CHECK(progress.note(section.name(), place));
  if (place.empty()) CO_CHECK(co_await section.clear(parts.to.rows));
  Counter counter(parts, "copied", section.name());
  do {
    CO_TRY(auto page, co_await section.carry(parts.from, parts.to, place));
    counter.add(page.rows);
    place = std::move(page.place);
    if (!place.empty()) CO_CHECK(progress.note(section.name(), place));
  } while (!place.empty());
  counter.done();
  co_return ok;
}

Task<TableDigest> digest_section(const StoreCopyParts& parts, CopyEnd end, const Section& section) {
  Digest digest(section.name());
  Counter counter(parts, "compared", section.name());
  std::string place;
  do {
    CO_TRY(auto page, co_await section.read(end, place, digest));
    counter.add(page.rows);
    place = std::move(page.place);
  } while (!place.empty());
  co_return digest.digest();
}

Task<std::vector<TableDigest>> digests_of(const StoreCopyParts& parts, CopyEnd end,
                                          const Sections& sections) {
  std::vector<TableDigest> all;
  for (const auto& section : sections) {
    CO_TRY(auto digest, co_await digest_section(parts, end, *section));
    all.push_back(std::move(digest));
  }
  co_return all;
}

Task<> refuse_unless_empty(CopyEnd stores) {
  UserFilter everybody;
  PageRequest one{.cursor = "", .limit = 1};
  CO_TRY(const auto people, co_await stores.users.list(std::move(everybody), std::move(one)));
  CO_TRY(const auto usage, co_await stores.usage.read_records("", 1));
  CO_TRY(const auto days, co_await stores.usage.read_days("", 1));
  if (people.items.empty() && usage.records.empty() && days.days.empty()) co_return ok;
  co_return Error(ErrorKind::conflict, "copy_target_not_empty",
                  "The store to copy to has people or usage in it: nothing was changed");
}

Task<> keep_mark(const StoreCopyParts& parts, const CopyProgress& progress) {
  const auto now = parts.clock.now();
  CO_TRY(const bool taken, co_await parts.to.leases.take(kMark, progress.id(), now, now + kMarkTime));
  if (taken) co_return ok;
  co_return Error(ErrorKind::conflict, "copy_running",
                  "Another copy into this store is running, or was broken off within the last minute");
}

/// A file of an earlier copy counts only where the target has that copy's mark: the settings may name another
/// database by now, or the one that there was may be gone.
Task<> begin_or_go_on(const StoreCopyParts& parts, CopyProgress& progress) {
  CO_TRY(const auto mark, co_await parts.to.leases.last_holder(kMark));
  if (!mark.empty() && mark == progress.id()) co_return ok;
  CO_CHECK(co_await refuse_unless_empty(parts.to));
  progress.begin_anew(make_identifier("copy_", parts.clock.now(), parts.random));
  co_return ok;
}

}  // namespace

Task<std::vector<TableDigest>> copy_store(StoreCopyParts parts) {
  CopyProgress progress(parts.progress_file);
  CO_CHECK(progress.lock());
  CO_CHECK(co_await begin_or_go_on(parts, progress));
  const auto sections = all_sections();
  for (const auto& section : sections) {
    if (progress.is_past(section->name())) continue;
    CO_CHECK(co_await keep_mark(parts, progress));
    CO_CHECK(co_await copy_section(parts, progress, *section));
  }

  CO_TRY(auto there, co_await digests_of(parts, parts.from, sections));
  CO_TRY(const auto here, co_await digests_of(parts, parts.to, sections));
  std::string differing;
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (there[i] == here[i]) continue;
    differing += (differing.empty() ? "" : ", ") + there[i].table + " (" + std::to_string(there[i].rows) +
                 " rows there, " + std::to_string(here[i].rows) + " rows here)";
  }
  // Either way it is over: one that differs has no place to go on from. The mark first, so that what fails
  // here is compared again.
  CO_CHECK(co_await parts.to.leases.forget(kMark, progress.id()));
  progress.done();
  if (!differing.empty()) {
    co_return Error(ErrorKind::conflict, "copy_differs",
                    "What was copied is not what the other store has: " + differing +
                        ". Did something write meanwhile? Empty the store and copy again.");
  }
  co_return there;
}

}  // namespace relay
