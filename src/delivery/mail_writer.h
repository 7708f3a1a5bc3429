// Puts a mail into words just before it is sent: looks whom it is for, and makes the token of its link.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "delivery/mail_message.h"
#include "domain/email_token.h"
#include "domain/mail.h"
#include "store/email_token_store.h"
#include "store/user_store.h"

#include <optional>
#include <string>

namespace relay {

/// 256 random bits as text.
std::string make_email_token(Random& random);

/// The token is made here and not when the mail is asked for: so it is never kept in clear text, its time
/// begins when it leaves, and asking costs the same for addresses that nobody has.
class MailWriter {
 public:
  struct Parts {  // all must outlive it
    UserStore& users;
    EmailTokenStore& tokens;
    const Clock& clock;
    Random& random;
  };
  explicit MailWriter(Parts parts) : parts_(parts) {}

  /// Where people reach the relay, without a slash at its end. Before the first write.
  void set_public_url(std::string url) { public_url_ = std::move(url); }

  /// Nothing when there is nobody to send it to, or it is no longer wanted (verified meanwhile, another
  /// address, an account that is gone). unavailable when the store is away. Thread-safe.
  Task<std::optional<WrittenMail>> write(OutgoingMail mail);

 private:
  Task<std::optional<User>> find_reader(std::string user_id, std::string recipient);
  Task<std::string> make_link(User user, EmailTokenPurpose purpose, std::string recipient);

  const Parts parts_;
  std::string public_url_;
};

}  // namespace relay
