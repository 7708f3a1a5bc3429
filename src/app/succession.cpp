#include "app/succession.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <signal.h>

#include <utility>

namespace relay {
namespace {

// A migration of a large store may take its time; a successor that hangs must not be waited for for ever.
constexpr std::chrono::minutes kStartLimit{5};
constexpr std::size_t kWordsMax = 4096;

}  // namespace

Succession::Succession(boost::asio::io_context& control, Handover& handover)
    : control_(control), handover_(handover), limit_(control) {}

Succession::~Succession() {
  if (is_under_way() && successor_ > 0) static_cast<void>(Handover::end_successor(successor_));
}

void Succession::start(const HandedOver& given, Done done) {
  done_ = std::move(done);
  words_.clear();
  successor_ = 0;
  OwnDescriptor said;
  auto started = handover_.start_successor(given, said);
  if (started.has_error()) {
    boost::asio::post(control_, [this, failure = started.error().cause()] { fail(failure); });
    return;
  }
  successor_ = *started;
  said_ = std::make_unique<Descriptor>(control_, said.release());
  limit_.expires_after(kStartLimit);
  limit_.async_wait([this, round = ++round_](const boost::system::error_code& failed) {
    if (!failed && is_under_way() && round == round_) {
      ::kill(successor_, SIGKILL);
      fail("it was not ready in time");
    }
  });
  listen();
}

void Succession::listen() {
  said_->async_read_some(boost::asio::buffer(room_),
                         [this, round = round_](const boost::system::error_code& failed, std::size_t bytes) {
                           if (!is_under_way() || round != round_) return;
                           words_.append(room_.data(), bytes);
                           if (words_.starts_with(Handover::kReady)) {
                             handover_.successor_serves(successor_);
                             return finish(ok);
                           }
                           if (!failed && words_.size() < kWordsMax) return listen();
                           fail(words_.starts_with(Handover::kFailed)
                                    ? words_.substr(Handover::kFailed.size())
                                    : "it said nothing more: see its standard error");
                         });
}

void Succession::fail(const std::string& why) {
  auto words = why;
  while (words.ends_with('\n')) words.pop_back();
  if (successor_ > 0) words += " (" + Handover::end_successor(successor_) + ")";
  finish(Error(ErrorKind::unavailable, "successor_failed", "The next server does not serve").because(words));
}

void Succession::finish(Result<> outcome) {
  limit_.cancel();
  said_.reset();
  successor_ = 0;
  const auto done = std::exchange(done_, nullptr);
  done(std::move(outcome));
}

void Succession::stop() {
  if (is_under_way() && successor_ > 0) ::kill(successor_, SIGTERM);
}

}  // namespace relay
