#include "delivery/mail_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace relay {
namespace {

constexpr long kConnectMs = 10'000;
constexpr long kWholeMs = 60'000;

void start_curl() {
  [[maybe_unused]] static const bool once = [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl can't be used");
    return true;
  }();
}

// What the callbacks of one mail share.
struct Upload {
  std::string_view left;
  const std::atomic<bool>* cut = nullptr;
};

std::size_t read_message(char* out, std::size_t size, std::size_t count, void* context) {
  auto& upload = *static_cast<Upload*>(context);
  const auto length = std::min(size * count, upload.left.size());
  std::memcpy(out, upload.left.data(), length);
  upload.left.remove_prefix(length);
  return length;
}

// When all of it is out, the server's word is waited for: it may have the mail, and a second try would be a
// copy. The whole is bounded by kWholeMs anyway.
int look_at_cut(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& upload = *static_cast<Upload*>(context);
  return upload.cut->load() && !upload.left.empty() ? 1 : 0;
}

// Refused for what it is, by a server that is well otherwise. A refused sign-in or sender is the operator's
// to mend, and the mails should be there then.
bool is_final(long reply, std::string_view words, const Upload& upload) {
  if (reply < 500 || reply > 599) return false;
  return words.starts_with("RCPT failed") || words.starts_with("DATA failed") || upload.left.empty();
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

void set_server(CURL* curl, const SmtpServer& server) {
  const auto url =
      (server.tls_from_the_start ? "smtps://" : "smtp://") + server.host + ":" + std::to_string(server.port);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // not the environment's
  curl_easy_setopt(curl, CURLOPT_USE_SSL, server.must_use_tls() ? CURLUSESSL_ALL : CURLUSESSL_TRY);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!server.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, server.ca_file.c_str());
  if (server.user.empty()) return;
  curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
}

}  // namespace

SmtpTransport::SmtpTransport(SmtpServer server, MailSender sender, const Clock& clock)
    : server_(std::move(server)), sender_(std::move(sender)), clock_(clock) {
  start_curl();
}

Result<> SmtpTransport::send(const WrittenMail& mail, const std::atomic<bool>& cut) {
  const std::unique_ptr<CURL, FreeHandle> curl(curl_easy_init());
  const auto recipient = "<" + mail.recipient + ">";
  const std::unique_ptr<curl_slist, FreeList> recipients(curl_slist_append(nullptr, recipient.c_str()));
  if (!curl || !recipients) {
    return Error(ErrorKind::unavailable, "mail_not_sent", "The mail was not sent").because("out of memory");
  }
  const auto message = to_message(mail, sender_, clock_.now());
  const auto sender = "<" + sender_.address + ">";
  Upload upload{.left = message, .cut = &cut};
  std::array<char, CURL_ERROR_SIZE> words{};

  set_server(curl.get(), server_);
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, read_message);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &upload);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, look_at_cut);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &upload);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kWholeMs);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, words.data());

  const auto code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return ok;
  long reply = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply);
  std::string cause = words[0] != '\0' ? words.data() : curl_easy_strerror(code);
  if (reply >= 400) cause += " (the server said " + std::to_string(reply) + ")";
  if (is_final(reply, words.data(), upload)) {
    return Error(ErrorKind::validation, "mail_refused", "The mail was refused").because(std::move(cause));
  }
  return Error(ErrorKind::unavailable, "mail_not_sent", "The mail was not sent").because(std::move(cause));
}

}  // namespace relay
