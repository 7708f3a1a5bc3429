#include "async/refresh_thread.h"

#include <utility>

namespace relay {
namespace {

constexpr std::chrono::seconds kReadEvery{10};

}  // namespace

RefreshThread::RefreshThread(std::chrono::milliseconds rest, Reload reload, Failed failed)
    : rest_(rest), reload_(std::move(reload)), failed_(std::move(failed)) {}

void RefreshThread::start() {
  thread_ = std::thread([this] { run(); });
}

void RefreshThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    woken_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void RefreshThread::wake() {
  const std::lock_guard lock(mutex_);
  doubted_ = true;
  woken_.notify_all();
}

void RefreshThread::run() {
  bool failed = false;
  while (true) {
    const auto read = loop_.wait_for(reload_());
    if (read.has_error() && !failed) failed_(read.error());
    failed = read.has_error();
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, rest_, [this] { return stopping_; });
    if (!failed) woken_.wait_for(lock, kReadEvery, [this] { return stopping_ || doubted_; });
    if (stopping_) return;
    doubted_ = false;
  }
}

}  // namespace relay
