#include "domain/billing_record.h"

namespace relay {

std::string_view to_string(BillingKind kind) {
  switch (kind) {
    case BillingKind::payment:
      return "payment";
    case BillingKind::credit:
      return "credit";
    case BillingKind::charge:
      return "charge";
    case BillingKind::refund:
      return "refund";
    case BillingKind::adjustment:
      return "adjustment";
  }
  return "adjustment";
}

Result<BillingKind> parse_billing_kind(std::string_view text) {
  for (const auto kind : {BillingKind::payment, BillingKind::credit, BillingKind::charge, BillingKind::refund,
                          BillingKind::adjustment}) {
    if (to_string(kind) == text) return kind;
  }
  return Error(ErrorKind::internal, "bad_billing_kind", "Internal error").because(std::string(text));
}

}  // namespace relay
