#include "delivery/mail_template.h"

#include "base/embedded_file.h"

#include <optional>
#include <span>

namespace relay {

std::span<const EmbeddedFile> embedded_mail_templates();  // resources/mail

namespace {

Error broken_template(const std::string& what) {
  return Error(ErrorKind::internal, "mail_template", "Internal error").because("mail template: " + what);
}

Result<std::string_view> find_template(const std::string& name) {
  for (const auto& file : embedded_mail_templates()) {
    if (file.name == name) return file.content;
  }
  return broken_template("no " + name);
}

// A value is one line: in a text it could else look like a sentence of ours.
std::string plain(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : plain(value)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// "{{name}}" by the field's value, once: what a value brings is not looked at again.
Result<std::string> fill(std::string_view pattern, const MailFields& fields,
                         std::string (*form)(std::string_view)) {
  std::string out;
  while (true) {
    const auto open = pattern.find("{{");
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = pattern.find("}}", open);
    if (close == std::string_view::npos) return broken_template("{{ without }}");
    const auto name = pattern.substr(open + 2, close - open - 2);
    const auto field = fields.find(name);
    if (field == fields.end()) return broken_template("no field " + std::string(name));
    out += form(field->second);
    pattern.remove_prefix(close + 2);
  }
}

std::string as_it_is(std::string_view value) { return std::string(value); }

}  // namespace

Result<MailWords> write_mail(MailKind kind, const MailFields& fields) {
  const std::string name(to_string(kind));
  TRY(const auto text, find_template(name + ".txt"));
  TRY(const auto html, find_template(name + ".html"));
  TRY(const auto footer, find_template("footer.txt"));
  TRY(const auto layout, find_template("layout.html"));

  // The text's first line is the subject, the second is empty.
  const auto end = text.find("\n\n");
  if (end == std::string_view::npos) return broken_template(name + ".txt has no subject");
  MailWords words;
  TRY(words.subject, fill(text.substr(0, end), fields, plain));
  TRY(auto body, fill(text.substr(end + 2), fields, plain));
  TRY(auto end_of_text, fill(footer, fields, plain));
  words.text = std::move(body) + std::move(end_of_text);
  MailFields around;
  TRY(around["content"], fill(html, fields, escaped));
  around["subject"] = escaped(words.subject);
  const auto url = fields.find("relay_url");
  if (url == fields.end()) return broken_template("no field relay_url");
  around["relay_url"] = escaped(url->second);
  TRY(words.html, fill(layout, around, as_it_is));
  return words;
}

}  // namespace relay
