#include "translate/sse_frames.h"

#include "translate/json_text.h"

namespace relay {

void append_sse_frame(std::string& out, std::string_view name, const boost::json::object& data) {
  out += "event: ";
  out += name;
  out += "\ndata: ";
  append_json_text(out, data);
  out += "\n\n";
}

void append_sse_comment(std::string& out) { out += ": keep-alive\n\n"; }

}  // namespace relay
