#include "redis/redis_client.h"

#include "net/tls.h"
#include "redis/redis_error.h"
#include "redis/redis_router.h"
#include "redis/redis_subscription.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cassert>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace relay {
namespace {

namespace asio = boost::asio;

// The caller's side of a call: takes the outcome back to where the caller waits.
template <class Handler>
class AwaitedCall final : public RedisCall {
 public:
  AwaitedCall(std::vector<RedisCommand> commands, const RedisScript* script, const Limits& limits,
              Handler handler)
      : RedisCall(std::move(commands), script, limits),
        handler_(std::in_place, std::move(handler)),
        home_(std::in_place, asio::get_associated_executor(*handler_)) {}

 private:
  using Outcome = Result<std::vector<RedisReply>>;

  void deliver(Outcome outcome) override {
    auto home = *std::exchange(home_, std::nullopt);
    auto resume = [handler = *std::exchange(handler_, std::nullopt), outcome = std::move(outcome)]() mutable {
      std::move(handler)(std::move(outcome));
    };
    asio::post(home.get_executor(), std::move(resume));
  }

  std::optional<Handler> handler_;
  std::optional<asio::executor_work_guard<asio::associated_executor_t<Handler>>> home_;
};

}  // namespace

struct RedisClient::Parts {
  explicit Parts(RedisSettings given)
      : settings(std::move(given)),
        waiting(settings.waiting_max),
        tls(settings.tls ? std::make_unique<TlsClient>(settings.ca_file) : nullptr),
        shared{context, settings, clock, tls.get()},
        router(shared),
        work(context.get_executor()) {
    asio::post(context, [this] { router.start(); });
    thread = std::thread([this] { context.run(); });
  }

  Task<std::vector<RedisReply>> call(std::vector<RedisCommand> commands, const RedisScript* script,
                                     std::chrono::milliseconds timeout);
  void subscribe(std::string channel, Subscription subscription);
  void hand_over(std::shared_ptr<RedisCall> call);
  void take_over();
  void stop();

  const RedisSettings settings;
  const SystemClock clock{};
  RedisWaiting waiting;
  const std::unique_ptr<TlsClient> tls;
  asio::io_context context{1};
  const RedisShared shared;
  RedisRouter router;
  std::vector<std::shared_ptr<RedisSubscription>> subscriptions;  // of the client's thread
  asio::executor_work_guard<IoExecutor> work;
  std::thread thread;

  std::mutex mutex;  // of what follows
  std::vector<std::shared_ptr<RedisCall>> handed_over;
  bool woken = false;
  bool stopped = false;
};

Task<std::vector<RedisReply>> RedisClient::Parts::call(std::vector<RedisCommand> commands,
                                                       const RedisScript* script,
                                                       std::chrono::milliseconds timeout) {
  if (commands.empty()) co_return std::vector<RedisReply>();
  if (!waiting.try_enter(commands.size(), bytes_of(commands))) {
    co_return redis_unavailable("too many commands wait for Redis");
  }
  const auto now = clock.steady_now();
  const RedisCall::Limits limits{now + timeout, now + std::max(timeout, settings.command_timeout), waiting};
  auto begin = [this, &commands, script, &limits](auto handler) {
    using Call = AwaitedCall<decltype(handler)>;
    hand_over(std::make_shared<Call>(std::move(commands), script, limits, std::move(handler)));
  };
  const asio::use_awaitable_t<IoExecutor> here;
  co_return co_await asio::async_initiate<decltype(here), void(Result<std::vector<RedisReply>>)>(begin, here);
}

void RedisClient::Parts::hand_over(std::shared_ptr<RedisCall> call) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex);
    if (!stopped) {
      handed_over.push_back(std::move(call));
      wake = !std::exchange(woken, true);
    }
  }
  if (call) return call->fail(redis_unavailable("the client has been stopped"));
  // What comes until the loop gets there goes out with it, in one write.
  if (wake) asio::post(context, [this] { take_over(); });
}

void RedisClient::Parts::subscribe(std::string channel, Subscription subscription) {
  const std::lock_guard lock(mutex);
  if (stopped) return;
  auto address_for = [this](std::size_t attempt) { return router.address_for(attempt); };
  auto added =
      std::make_shared<RedisSubscription>(shared, std::move(channel), std::move(subscription), address_for);
  asio::post(context, [this, added] {
    subscriptions.push_back(added);
    added->start();
  });
}

void RedisClient::Parts::take_over() {
  std::vector<std::shared_ptr<RedisCall>> calls;
  {
    const std::lock_guard lock(mutex);
    calls.swap(handed_over);
    woken = false;
  }
  for (const auto& call : calls) router.send(call);
}

void RedisClient::Parts::stop() {
  {
    const std::lock_guard lock(mutex);
    if (std::exchange(stopped, true)) return;
  }
  asio::post(context, [this] {
    for (const auto& subscription : subscriptions) subscription->close();
    router.stop();
    take_over();
    work.reset();
  });
  thread.join();
}

RedisClient::RedisClient(RedisSettings settings) : parts_(std::make_unique<Parts>(std::move(settings))) {}

RedisClient::~RedisClient() { stop(); }

Task<RedisReply> RedisClient::run(RedisCommand command) {
  return run(std::move(command), parts_->settings.command_timeout);
}

Task<RedisReply> RedisClient::run(RedisCommand command, std::chrono::milliseconds timeout) {
  std::vector<RedisCommand> commands;
  commands.push_back(std::move(command));
  CO_TRY(auto replies, co_await parts_->call(std::move(commands), nullptr, timeout));
  co_return std::move(replies.front());
}

Task<RedisReply> RedisClient::run(const RedisScript& script, std::vector<std::string> keys,
                                  std::vector<std::string> args) {
  return run(script, std::move(keys), std::move(args), parts_->settings.command_timeout);
}

Task<RedisReply> RedisClient::run(const RedisScript& script, std::vector<std::string> keys,
                                  std::vector<std::string> args, std::chrono::milliseconds timeout) {
  assert(!keys.empty());
  RedisCommand command("EVALSHA");
  std::move(command).arg(script.sha1()).arg(static_cast<std::int64_t>(keys.size()));
  for (const auto& key : keys) std::move(command).key(key);
  for (const auto& arg : args) std::move(command).arg(arg);
  std::vector<RedisCommand> commands;
  commands.push_back(std::move(command));
  CO_TRY(auto replies, co_await parts_->call(std::move(commands), &script, timeout));
  co_return std::move(replies.front());
}

Task<std::vector<RedisReply>> RedisClient::run_all(std::vector<RedisCommand> commands) {
  return parts_->call(std::move(commands), nullptr, parts_->settings.command_timeout);
}

void RedisClient::subscribe(std::string channel, Subscription subscription) {
  parts_->subscribe(std::move(channel), std::move(subscription));
}

bool RedisClient::is_connected() const { return parts_->router.is_connected(); }

bool RedisClient::is_cluster() const { return parts_->router.is_cluster(); }

void RedisClient::stop() { parts_->stop(); }

}  // namespace relay
