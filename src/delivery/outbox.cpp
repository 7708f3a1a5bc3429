#include "delivery/outbox.h"

#include "domain/identifier.h"
#include "observe/log.h"

#include <algorithm>

namespace relay {

Outbox::Outbox(Parts parts, OutboxSettings settings)
    : parts_(parts),
      settings_(settings),
      holder_(make_identifier("run_", parts.clock.now(), parts.random)),
      senders_(static_cast<std::size_t>(settings.at_once), static_cast<std::size_t>(settings.at_once)) {}

Outbox::~Outbox() { stop(); }

OutgoingMail Outbox::make(MailKind kind, std::string user_id, std::string recipient, std::string details) {
  const auto now = parts_.clock.now();
  return {.id = make_identifier("mail_", now, parts_.random),
          .kind = kind,
          .user_id = std::move(user_id),
          .recipient = std::move(recipient),
          .details = std::move(details),
          .created_at = now,
          .due_at = now};
}

Task<> Outbox::put(OutgoingMail mail) {
  CO_CHECK(co_await parts_.store.put(std::move(mail)));
  wake();
  co_return ok;
}

void Outbox::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  news_.notify_all();
}

void Outbox::start() {
  thread_ = std::thread([this] { run(); });
}

void Outbox::stop() {
  cut_ = true;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    news_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  senders_.stop();
}

void Outbox::run() {
  bool away = false;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      woken_ = false;
    }
    const auto sent = send_due();
    if (sent.has_error() && !std::exchange(away, true)) {
      log_error("delivery", "the outbox can't be read; it is tried again", {{"cause", sent.error().cause()}});
    }
    if (sent.has_value()) away = false;
    if (sent.has_value() && *sent > 0) continue;  // there may be more
    pause(sent.has_error());
  }
}

void Outbox::pause(bool failed) {
  auto wait = settings_.look;
  if (!failed) {
    const auto due = loop_.wait_for(parts_.store.next_due());
    if (due.has_value()) {
      const auto now = parts_.clock.now();
      wait = *due <= now ? std::chrono::milliseconds(0) : std::min(wait, *due - now);
    }
  }
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, std::max(wait, std::chrono::milliseconds(10)), [this] { return stopping_ || woken_; });
}

Result<std::size_t> Outbox::send_due() {
  const auto now = parts_.clock.now();
  TRY(auto mails, loop_.wait_for(parts_.store.claim(holder_, now, now + settings_.lease, settings_.at_once)));
  const auto count = mails.size();
  for (auto& mail : mails) loop_.begin(deliver(std::move(mail)));
  loop_.finish();
  return count;
}

Awaitable<void> Outbox::deliver(OutgoingMail mail) {
  const auto id = mail.id;
  const auto delivered = co_await send(std::move(mail));
  if (delivered.has_value()) co_return;
  // Its lease ends by itself: then it is tried again.
  log_error("delivery", "the outbox can't be written",
            {{"mail", id}, {"code", delivered.error().code()}, {"cause", delivered.error().cause()}});
}

Task<> Outbox::send(OutgoingMail mail) {
  auto written = co_await parts_.writer.write(mail);
  if (written.has_error()) co_return co_await note_failure(std::move(mail), std::move(written).error());
  if (!written->has_value()) co_return co_await parts_.store.finish(std::move(mail.id), holder_);
  auto work = [this, words = std::move(**written)] { return parts_.transport.send(words, cut_); };
  auto sent = co_await senders_.run(std::move(work));
  if (sent.has_error()) co_return co_await note_failure(std::move(mail), std::move(sent).error());
  log_info("delivery", "a mail was handed over", {{"mail", mail.id}, {"kind", to_string(mail.kind)}});
  co_return co_await parts_.store.finish(std::move(mail.id), holder_);
}

Task<> Outbox::note_failure(OutgoingMail mail, Error error) {
  const auto reason = error.cause().empty() ? error.message() : error.cause();
  const bool is_final = error.kind() == ErrorKind::validation || error.kind() == ErrorKind::internal;
  const auto now = parts_.clock.now();
  const auto wait = is_final ? std::nullopt : settings_.schedule.wait_after(mail.attempts, parts_.random);
  if (!wait) {
    log_error(
        "delivery", "a mail was given up",
        {{"mail", mail.id}, {"kind", to_string(mail.kind)}, {"attempts", mail.attempts}, {"cause", reason}});
    co_return co_await parts_.store.give_up(std::move(mail.id), holder_, now, reason);
  }
  log_warning(
      "delivery", "a mail was not sent; it is tried again",
      {{"mail", mail.id}, {"attempts", mail.attempts}, {"wait_ms", wait->count()}, {"cause", reason}});
  co_return co_await parts_.store.retry(std::move(mail.id), holder_, now + *wait, reason);
}

}  // namespace relay
