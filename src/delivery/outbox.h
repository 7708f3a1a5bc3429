// The mails that wait, and the thread that sends them: never on the way of a request.
#pragma once

#include "async/blocking_pool.h"
#include "async/own_loop.h"
#include "base/clock.h"
#include "base/random.h"
#include "delivery/mail_transport.h"
#include "delivery/mail_writer.h"
#include "delivery/retry_schedule.h"
#include "store/outbox_store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace relay {

struct OutboxSettings {
  RetrySchedule schedule{};
  std::chrono::milliseconds lease{180'000};  // longer than a transport takes: nobody else sends meanwhile
  std::chrono::milliseconds look{5'000};  // how often the store is looked at with no news: other nodes' mails
  int at_once = 4;
};

/// Several nodes may share the store: a mail is sent by the one that holds its lease. One that dies while it
/// sends leaves the mail to the others when the lease ends: then, and only then, a copy may be sent twice,
/// under one Message-ID.
class Outbox {
 public:
  struct Parts {  // all must outlive it
    OutboxStore& store;
    MailWriter& writer;
    MailTransport& transport;
    const Clock& clock;
    Random& random;
  };

  explicit Outbox(Parts parts, OutboxSettings settings = {});
  ~Outbox();  // stop()
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// A mail to put() here, or into the outbox within another store's write: then wake(). `user_id` may be
  /// empty for the kinds that are found by their recipient.
  OutgoingMail make(MailKind kind, std::string user_id, std::string recipient, std::string details = "{}");

  /// Durable when it returns; it is sent soon. unavailable when the store is away. Thread-safe.
  Task<> put(OutgoingMail mail);
  /// There is something new in the store. Thread-safe.
  void wake();

  /// Begins to send.
  void start();
  /// Ends the thread: what is half sent is cut off and stays due. Before the store stops. May be called
  /// twice.
  void stop();

  /// What the thread does, for tests: sends what is due, at most `at_once`. How many were claimed.
  Result<std::size_t> send_due();

 private:
  void run();
  void pause(bool failed);
  Awaitable<void> deliver(OutgoingMail mail);
  Task<> send(OutgoingMail mail);
  Task<> note_failure(OutgoingMail mail, Error error);

  const Parts parts_;
  const OutboxSettings settings_;
  std::string holder_;
  BlockingPool senders_;
  OwnLoop loop_;
  std::atomic<bool> cut_{false};

  std::mutex mutex_;  // of the two below
  std::condition_variable news_;
  bool stopping_ = false;
  bool woken_ = false;

  std::thread thread_;
};

}  // namespace relay
