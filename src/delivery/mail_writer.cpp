#include "delivery/mail_writer.h"

#include "crypto/sha256.h"
#include "text/base64.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <array>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kTokenBytes = 32;

struct LinkKind {
  EmailTokenPurpose purpose;
  std::chrono::seconds lifetime;
  const char* path;
};

constexpr LinkKind kLinks[] = {
    {EmailTokenPurpose::verify, 24h, "/verify-email"},
    {EmailTokenPurpose::reset, 1h, "/reset-password"},
    {EmailTokenPurpose::restore, 24h * 7, "/restore-email"},
};

const LinkKind& link_of(EmailTokenPurpose purpose) {
  for (const auto& kind : kLinks) {
    if (kind.purpose == purpose) return kind;
  }
  return kLinks[0];
}

std::optional<EmailTokenPurpose> purpose_of(MailKind kind) {
  switch (kind) {
    case MailKind::verify_email:
      return EmailTokenPurpose::verify;
    case MailKind::reset_password:
      return EmailTokenPurpose::reset;
    case MailKind::email_changed:
      return EmailTokenPurpose::restore;
    default:
      return std::nullopt;
  }
}

bool is_wanted(const OutgoingMail& mail, const User& user) {
  if (user.check_active().has_error()) return false;
  switch (mail.kind) {
    case MailKind::verify_email:
      return !user.email_verified && user.email.text() == mail.recipient;
    case MailKind::reset_password:
      return user.email.text() == mail.recipient;
    default:
      return true;
  }
}

MailFields fields_of(const std::string& details) {
  MailFields fields;
  boost::system::error_code ec;
  const auto parsed = boost::json::parse(details, ec);
  const auto* object = ec ? nullptr : parsed.if_object();
  if (object == nullptr) return fields;
  for (const auto& [name, value] : *object) {
    const auto* text = value.if_string();
    if (text != nullptr)
      fields.emplace(std::string(name.data(), name.size()), std::string(text->data(), text->size()));
  }
  return fields;
}

}  // namespace

std::string make_email_token(Random& random) {
  std::array<std::byte, kTokenBytes> bytes;
  random.fill(bytes);
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Task<std::optional<User>> MailWriter::find_reader(std::string user_id, std::string recipient) {
  auto address = EmailAddress::from_store(std::move(recipient));
  const bool has_id = !user_id.empty();
  auto pending =
      has_id ? parts_.users.find(std::move(user_id)) : parts_.users.find_by_email(std::move(address));
  auto found = co_await std::move(pending);
  if (found.has_value()) co_return std::optional<User>(*std::move(found));
  if (found.error().kind() == ErrorKind::not_found) co_return std::optional<User>();
  co_return std::move(found).error();
}

Task<std::string> MailWriter::make_link(User user, EmailTokenPurpose purpose, std::string recipient) {
  const auto now = parts_.clock.now();
  const auto& kind = link_of(purpose);
  const auto secret = make_email_token(parts_.random);
  EmailToken token{.token_hash = sha256_hex(secret),
                   .user_id = std::move(user.id),
                   .purpose = purpose,
                   .email = EmailAddress::from_store(std::move(recipient)),
                   .created_at = now,
                   .expires_at = now + kind.lifetime};
  CO_CHECK(co_await parts_.tokens.insert(std::move(token)));
  co_return public_url_ + kind.path + "?token=" + secret;
}

Task<std::optional<WrittenMail>> MailWriter::write(OutgoingMail mail) {
  CO_TRY(auto reader, co_await find_reader(mail.user_id, mail.recipient));
  if (!reader || !is_wanted(mail, *reader)) co_return std::optional<WrittenMail>();
  auto fields = fields_of(mail.details);
  fields["relay_url"] = public_url_;
  fields["username"] = reader->username.text();
  fields["recipient"] = mail.recipient;
  std::string link;
  if (const auto purpose = purpose_of(mail.kind)) {
    auto user = *std::move(reader);
    CO_TRY(link, co_await make_link(std::move(user), *purpose, mail.recipient));
    fields["link"] = link;
  }
  CO_TRY(auto words, write_mail(mail.kind, fields));
  WrittenMail written{.id = std::move(mail.id),
                      .recipient = std::move(mail.recipient),
                      .words = std::move(words),
                      .link = std::move(link)};
  co_return std::optional<WrittenMail>(std::move(written));
}

}  // namespace relay
