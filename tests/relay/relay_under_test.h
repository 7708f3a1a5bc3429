// The whole pipeline in one process: HttpServer and Pipeline on a loop of their own, a scripted provider
// behind it, plain sockets before it.
#pragma once

#include "async/blocking_pool.h"
#include "coordination/memory/memory_leases.h"
#include "coordination/memory/memory_quotas.h"
#include "coordination/memory/memory_rate_window.h"
#include "fakes/fake_key_store.h"
#include "fakes/fake_provider_object_store.h"
#include "fakes/fixed_clock.h"
#include "fakes/running_worker.h"
#include "fakes/scripted_upstream.h"
#include "fakes/seeded_random.h"
#include "metering/records.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "net/upstream_connections.h"
#include "relay/pipeline.h"
#include "relay/provider_objects.h"
#include "store/temporary_folder.h"
#include "upstream/accounts_in_force.h"
#include "upstream/retry_budget.h"

#include <gtest/gtest.h>

#include <atomic>

namespace relay::test {

inline std::string event(std::string_view name, std::string_view data) {
  return std::string("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

/// 25 tokens in (10 of them read from the cache are extra), 15 out.
inline std::vector<std::string> message_events() {
  return {
      event(
          "message_start",
          R"({"type":"message_start","message":{"id":"msg_1","model":"claude-sonnet-4-5","usage":{"input_tokens":25,"cache_read_input_tokens":10,"output_tokens":1}}})"),
      event("content_block_start",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"),
      event("ping", R"({"type":"ping"})"),
      event(
          "content_block_delta",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello, this is an answer."}})"),
      event("content_block_stop", R"({"type":"content_block_stop","index":0})"),
      event("message_delta",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}})"),
      event("message_stop", R"({"type":"message_stop"})")};
}
inline std::string joined(const std::vector<std::string>& parts, std::size_t count = SIZE_MAX) {
  std::string all;
  for (std::size_t i = 0; i < std::min(count, parts.size()); ++i) all += parts[i];
  return all;
}
inline constexpr std::string_view kMessageJson =
    R"({"id":"msg_1","type":"message","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Hello, this is an answer."}],"usage":{"input_tokens":25,"cache_read_input_tokens":10,"output_tokens":15}})";
inline constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_up\r\n";

/// A store in which nothing was used.
class NoHistory final : public QuotaHistory {
 public:
  Task<QuotaSums> sums(std::string, std::string, WallTime) override { co_return QuotaSums{}; }
};

class RelayUnderTest : public testing::Test {
 protected:
  RelayUnderTest() : secret_(ApiKeySecret::generate(random_)) {
    server_limits_.write_timeout = std::chrono::milliseconds(3000);
    access_.key_id = "key_1";
    access_.user_id = "usr_1";
    access_.permissions = Permissions::all();
  }
  // Not in the destructor: the provider's threads still write to what the test's own class has.
  void TearDown() override {
    if (server_) {
      running_.on_thread([this] {
        server_->drain();
        server_->close_all();
        connections_->close_idle();
      });
      for (int i = 0; i < 400 && running_.on_thread([this] { return server_->open_connections(); }) > 0;
           ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
    running_.stop();
    pool_.stop();
    upstream_.reset();
  }

  void start(ScriptedUpstream::Script script) {
    upstream_.emplace(std::move(script));
    start_before_port(upstream_->port());
  }
  void start_before_port(std::uint16_t port) {
    keys_.keys[ApiKeyHash::of(secret_).hex()] = access_;
    const auto url = "http://127.0.0.1:" + std::to_string(port);
    std::vector accounts{
        UpstreamAccount::from_settings("env_anthropic", Provider::anthropic, url, "sk-ant-up", "URL").value(),
        UpstreamAccount::from_settings("env_openai", Provider::openai, url, "sk-up", "URL").value()};
    accounts[0].models = ModelPatterns::parse({"claude*"}).value();
    accounts[1].models = ModelPatterns::parse({"gpt*"}).value();
    accounts[1].translated_to = openai_dialect_;
    accounts[1].streams_usage = streams_usage_;
    for (auto& account : more_accounts_) accounts.push_back(std::move(account));
    if (!more_accounts_.empty()) accounts.erase(accounts.begin(), accounts.begin() + 2);
    accounts_.emplace(std::move(accounts));
    journal_ = UsageJournal::open({.folder = folder_.file("journal")}, clock_, random_, [](std::string_view) {
               }).value();
    connections_.emplace(running_.worker, tls_, upstream_limits_);
    snapshots_.emplace(KeySnapshots::Parts{.keys = keys_,
                                           .generation = generation_,
                                           .known = known_,
                                           .clock = clock_,
                                           .executor = running_.worker.executor()});
    turn_.emplace(*journal_, running_.worker.executor(), running_.worker.turn_io(), nullptr);
    in_flight_.limit = in_flight_max_;
    queues_.emplace(queue_settings_);
    pipeline_.emplace(Pipeline::Parts{.snapshots = *snapshots_,
                                      .rates = *shared_rates_,
                                      .leases = *shared_leases_,
                                      .quotas = quotas_,
                                      .queues = *queues_,
                                      .accounts = *accounts_,
                                      .retries = retries_,
                                      .rests = rests_,
                                      .blocking_pool = pool_,
                                      .connections = *connections_,
                                      .journal = *journal_,
                                      .turn = *turn_,
                                      .prices = prices_,
                                      .blocks_unknown_models = blocks_unknown_models_,
                                      .objects = objects_,
                                      .in_flight = in_flight_,
                                      .cache = cache_,
                                      .trusted_proxies = trusted_proxies_,
                                      .clock = clock_,
                                      .random = random_,
                                      .limits = limits_});
    HttpServer::Parts parts{.worker = running_.worker,
                            .serve =
                                [this](ServerExchange& client) {
                                  return pipeline_->serve(
                                      client, find_operation(client.head().method(), client.head().path()));
                                },
                            .limits = server_limits_,
                            .tls = nullptr};
    server_.emplace(std::move(parts), ListenAddress{.host = "127.0.0.1", .port = 0});
    port_ = server_->port();
    server_->start();
    running_.start();
  }

  BlockingSocket dial(int receive_buffer = 0) { return BlockingSocket::to_port(port_, receive_buffer); }
  std::string request(std::string_view more_head = "",
                      std::string_view body = R"({"model":"claude-sonnet-4-5","stream":true})",
                      std::string_view path = "/v1/messages", std::string_view version = "1.1") const {
    return std::string("POST ")
        .append(path)
        .append(" HTTP/")
        .append(version)
        .append("\r\nhost: relay\r\nx-api-key: ")
        .append(secret_.text())
        .append("\r\n")
        .append(more_head)
        .append("content-length: ")
        .append(std::to_string(body.size()))
        .append("\r\n\r\n")
        .append(body);
  }
  /// Waits until that many have been written; then all of them.
  std::vector<UsageRecord> records(std::size_t at_least) {
    for (int i = 0; i < 600 && journal_->last_sequence() < static_cast<std::int64_t>(at_least); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::vector<UsageRecord> all;
    const auto taken = take(*journal_, 1000);
    for (const auto& entry : taken.records) all.push_back(usage_record_as<UsageRecord>(entry.record));
    return all;
  }
  static std::string body_of(const std::string& message) {
    return message.substr(message.find("\r\n\r\n") + 4);
  }

  FixedClock clock_;
  SeededRandom random_;
  TemporaryFolder folder_;
  ServerLimits server_limits_;
  UpstreamLimits upstream_limits_{.connect = std::chrono::milliseconds(1000),
                                  .idle = std::chrono::milliseconds(10'000),
                                  .idle_per_address = 8};
  AttemptLimits limits_{.first_byte = std::chrono::milliseconds(5000),
                        .idle = std::chrono::milliseconds(5000),
                        .send = std::chrono::milliseconds(3000)};
  std::size_t in_flight_max_ = 100;
  CallQueue::Settings queue_settings_;  // before start()
  std::vector<IpNetwork> trusted_proxies_;
  ApiKeySecret secret_;
  KeyAccess access_;
  FakeKeyStore keys_;
  SnapshotGeneration generation_;
  KnownKeys known_;
  MemoryRateWindow rates_;
  MemoryLeases leases_;
  NoHistory history_;
  MemoryQuotas quotas_{history_};
  WireDialect openai_dialect_ = WireDialect::openai_responses;  // before start(), as the following
  bool streams_usage_ = true;
  // In the place of those two, before start().
  RateWindow* shared_rates_ = &rates_;
  ConcurrencyLeases* shared_leases_ = &leases_;
  ResponseCache* cache_ = nullptr;
  InFlight in_flight_;
  bool blocks_unknown_models_ = false;  // likewise
  PriceBook prices_{std::make_shared<const PriceTable>(std::vector<ModelPrice>{})};
  FakeProviderObjectStore object_store_;
  ProviderObjects objects_{{.store = object_store_, .clock = clock_}};
  TlsClient tls_{""};
  std::optional<ScriptedUpstream> upstream_;
  std::optional<AccountsInForce> accounts_;
  std::vector<UpstreamAccount> more_accounts_;  // in the place of the two, before start()
  RetryBudget retries_{10};
  NoRestChannel rests_;
  std::unique_ptr<UsageJournal> journal_;
  RunningWorker running_;
  BlockingPool pool_{1, 8};
  std::optional<UpstreamConnections> connections_;
  std::optional<KeySnapshots> snapshots_;
  std::optional<TurnJournal> turn_;
  std::optional<CallQueues> queues_;
  std::optional<Pipeline> pipeline_;
  std::optional<HttpServer> server_;
  std::uint16_t port_ = 0;
};

}  // namespace relay::test
