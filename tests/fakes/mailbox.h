#pragma once

#include "delivery/mail_transport.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace relay::test {

/// Takes every mail and keeps it, or fails as it is told to.
class Mailbox final : public MailTransport {
 public:
  Result<> send(const WrittenMail& mail, const std::atomic<bool>&) override {
    const std::lock_guard lock(mutex_);
    ++tries_;
    if (!failures_.empty()) {
      auto failure = std::move(failures_.front());
      failures_.pop_front();
      return failure;
    }
    mails_.push_back(mail);
    news_.notify_all();
    return ok;
  }

  /// One for each of the next tries.
  void fail_next(Error failure) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(std::move(failure));
  }
  std::vector<WrittenMail> mails() const {
    const std::lock_guard lock(mutex_);
    return mails_;
  }
  int tries() const {
    const std::lock_guard lock(mutex_);
    return tries_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    mails_.clear();
  }
  /// Until so many are there; false after 10 seconds without.
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, std::chrono::seconds(10), [&] { return mails_.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::deque<Error> failures_;
  std::vector<WrittenMail> mails_;
  int tries_ = 0;
};

}  // namespace relay::test
