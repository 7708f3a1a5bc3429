#include "delivery/mail_transport.h"
#include "observe/log.h"

namespace relay {

Result<> LogTransport::send(const WrittenMail& mail, const std::atomic<bool>&) {
  if (!shows_links_) {
    log_warning("delivery", "a mail was not sent: SMTP_URL is not set", {{"mail", mail.id}});
  } else if (mail.link.empty()) {
    log_info("delivery", "SMTP_URL is not set: this mail goes to the log only",
             {{"to", mail.recipient}, {"subject", mail.words.subject}});
  } else {
    log_info("delivery", "SMTP_URL is not set: this mail goes to the log only",
             {{"to", mail.recipient}, {"subject", mail.words.subject}, {"link", Unredacted{mail.link}}});
  }
  return ok;
}

}  // namespace relay
