// CPU per usage record, all threads: journal append, SQLite insert with roll-ups, journal clean-up.
//
//   metering FOLDER [records] [group] [per second]
//
// `group` records are appended at once (an event loop's turn); 0 per second is as fast as it goes.
#include "base/clock.h"
#include "base/random.h"
#include "domain/identifier.h"
#include "metering/journal.h"
#include "metering/price_table.h"
#include "metering/record_codec.h"
#include "metering/usage_writer.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_price_store.h"
#include "store/sql/sql_usage_store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

namespace {

using namespace relay;

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class T>
Awaitable<void> keep(Task<T> work, std::optional<Result<T>>& outcome) {
  auto result = co_await std::move(work);
  outcome.emplace(std::move(result));
}

template <class T>
T wait_for(Task<T> work) {
  boost::asio::io_context io(1);
  std::optional<Result<T>> outcome;
  boost::asio::co_spawn(io.get_executor(), keep(std::move(work), outcome), boost::asio::detached);
  io.run();
  return std::move(outcome).value().value();
}

std::vector<UsageRecord> make_records(int count, Random& random) {
  const SystemClock clock;
  std::vector<UsageRecord> records(static_cast<std::size_t>(count));
  int number = 0;
  for (auto& record : records) {
    const auto at = clock.now() + std::chrono::milliseconds(number / 20);
    record.attempt_id = make_identifier("att_", at, random);
    record.request_id = make_identifier("req_", at, random);
    record.upstream_request_id =
        make_identifier("req_01", WallTime(std::chrono::milliseconds(rand())), random);
    record.message_id = make_identifier("msg_01", WallTime(std::chrono::milliseconds(rand())), random);
    record.key_id = "key_01K0000000000000000000000" + std::to_string(number % 5);
    record.user_id = "usr_01K00000000000000000000000";
    record.upstream_account_id = "env_anthropic";
    record.model = "claude-sonnet-4-5-20250929";
    record.requested_model = "claude-sonnet-4-5";
    record.streamed = true;
    record.status = 200;
    record.usage = {.input_tokens = 1200, .cache_read_tokens = 30'000, .output_tokens = 450};
    record.mode.service_tier = "standard";
    record.started_at = at;
    record.first_byte_ms = 350;
    record.duration_ms = 4200;
    record.client_address = "192.0.2.17";
    ++number;
  }
  return records;
}

void print(const char* what, double seconds, std::size_t count) {
  std::printf("%-46s %6.2f us\n", what, seconds / static_cast<double>(count) * 1e6);
}

/// Since the process began: of the threads that only serve the store or the journal that is all the same.
void print_threads(std::size_t count) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    long long nanoseconds = 0;
    if (std::FILE* file = std::fopen((entry.path() / "schedstat").c_str(), "r")) {
      if (std::fscanf(file, "%lld", &nanoseconds) == 1) {
        print(("  thread " + entry.path().filename().string()).c_str(),
              static_cast<double>(nanoseconds) * 1e-9, count);
      }
      std::fclose(file);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "metering_bench";
  const int count = argc > 2 ? std::atoi(argv[2]) : 200'000;
  const std::size_t group = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 1;
  const int per_second = argc > 4 ? std::atoi(argv[4]) : 20'000;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);

  const SystemClock clock;
  SystemRandom random;
  const Alarm alarm = [](std::string_view words) {
    std::printf("ALARM %.*s\n", static_cast<int>(words.size()), words.data());
  };
  SqlDatabase database({.path = (folder / "relay.sqlite").string()});
  (void)wait_for(migrate(database, clock.now()));
  SqlUsageStore usage(database);
  SqlPriceStore prices(database);
  const PriceTable table(wait_for(prices.list()));
  const auto records = make_records(count, random);
  const auto records_count = records.size();

  auto begin = cpu_seconds();
  std::vector<UsageRecordView> views;
  for (const auto& record : records) views.push_back(usage_record_as<UsageRecordView>(record));
  for (auto& record : views) (void)table.price(record);
  print("price (look-up and cost)", cpu_seconds() - begin, records_count);

  begin = cpu_seconds();
  std::string bytes;
  for (const auto& record : views) {
    bytes.clear();
    encode_record(record, bytes);
  }
  print("encode", cpu_seconds() - begin, records_count);
  std::printf("%-46s %6zu bytes\n", "encoded size", bytes.size());

  auto journal = UsageJournal::open({.folder = folder / "journal"}, clock, random, alarm).value();
  UsageWriter writer({.journal = *journal, .store = usage, .clock = clock, .random = random, .alarm = alarm});
  if (auto started = writer.start(); started.has_error()) {
    std::printf("can't start: %s\n", started.error().cause().c_str());
    return 1;
  }
  begin = cpu_seconds();
  double appends = 0;
  RecordGroup turn;
  int refused = 0;
  const auto first = clock.steady_now();
  const std::size_t pace = (100 + group - 1) / group * group;
  for (std::size_t at = 0; at < records_count; at += pace) {
    const auto before = thread_seconds();
    for (auto i = at; i < std::min(at + pace, records_count); i += group) {
      turn.clear();
      for (auto one = i; one < std::min(i + group, records_count); ++one) turn.add(views[one]);
      if (journal->append(turn).has_error()) ++refused;
    }
    appends += thread_seconds() - before;
    if (per_second > 0) {
      std::this_thread::sleep_until(
          first + std::chrono::microseconds(1'000'000 * (at + pace) / static_cast<std::size_t>(per_second)));
    }
  }
  while (journal->state().backlog_records > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  print_threads(records_count);
  writer.stop();
  const auto all = cpu_seconds() - begin;
  print("journal append (in the I/O thread)", appends, records_count);
  print("all threads, sleeping and waking included", all, records_count);
  std::printf("stored %lld, backlog %lld, refused %d\n",
              static_cast<long long>(writer.state().stored_records),
              static_cast<long long>(journal->state().backlog_records), refused);

  begin = cpu_seconds();
  const auto found =
      wait_for(usage.find_by_any_id("usr_01K00000000000000000000000", make_records(1, random)[0].message_id));
  std::printf("%-46s %6.2f ms (%zu found)\n", "find an id that is not there", (cpu_seconds() - begin) * 1e3,
              found.size());
  std::fflush(stdout);
  return 0;
}
