#include "store/upstream_account_store.h"

#include "text/lines.h"

namespace relay {

Result<> set_parsed(StoredAccount& account, const StoredAccountTexts& texts) {
  const auto provider = parse_provider(texts.provider);
  if (!provider) {
    return Error(ErrorKind::internal, "store_failed", "Internal error")
        .because("an account of an unknown provider");
  }
  account.provider = *provider;
  account.models = ModelPatterns::from_store(texts.models);
  TRY(account.model_map, ModelMap::from_store(texts.model_map));
  auto dialect = parse_account_dialect(texts.dialect, *provider);
  if (dialect.has_error()) {
    return Error(ErrorKind::internal, "store_failed", "Internal error")
        .because("an account of an unknown dialect");
  }
  account.dialect = *dialect;
  account.groups = split_lines(texts.groups);
  return ok;
}

Error too_many_accounts() {
  return Error(ErrorKind::limit_exceeded, "account_limit_reached",
               "There may be " + std::to_string(kStoredAccountsMax) + " accounts at most");
}

}  // namespace relay
