// How a mail leaves: over SMTP, or, where no server is set, into the log.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "delivery/mail_message.h"
#include "delivery/smtp_server.h"

#include <atomic>

namespace relay {

/// Blocks: on the delivery's own pool only. Thread-safe.
class MailTransport {
 public:
  virtual ~MailTransport() = default;

  /// The server has taken it when this passes. validation "mail_refused": never try this one again; any
  /// other error: try again. The cause has no secret in it. Within a minute, sooner when `cut` becomes true.
  virtual Result<> send(const WrittenMail& mail, const std::atomic<bool>& cut) = 0;
};

/// By libcurl, one connection for each mail.
class SmtpTransport final : public MailTransport {
 public:
  /// `clock` must outlive it.
  SmtpTransport(SmtpServer server, MailSender sender, const Clock& clock);
  Result<> send(const WrittenMail& mail, const std::atomic<bool>& cut) override;

 private:
  const SmtpServer server_;
  const MailSender sender_;
  const Clock& clock_;
};

/// Nothing is sent. In development the log gets the link, so that one can go on; in production it gets no
/// more than that there was a mail.
class LogTransport final : public MailTransport {
 public:
  explicit LogTransport(bool shows_links) : shows_links_(shows_links) {}
  Result<> send(const WrittenMail& mail, const std::atomic<bool>& cut) override;

 private:
  const bool shows_links_;
};

}  // namespace relay
