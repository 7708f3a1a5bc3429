// The words of our mails: resources/mail, a text and an HTML form of each kind.
#pragma once

#include "base/result.h"
#include "domain/mail.h"

#include <map>
#include <string>

namespace relay {

using MailFields = std::map<std::string, std::string, std::less<>>;

struct MailWords {
  std::string subject;  // one line
  std::string text;
  std::string html;
};

/// Fills the templates of `kind`. A value can't bring markup into the HTML or a line of its own into subject
/// and text. internal "mail_template" for a template that names a field which is not there: a bug of ours.
Result<MailWords> write_mail(MailKind kind, const MailFields& fields);

}  // namespace relay
