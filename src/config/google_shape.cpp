// SPDX-License-Identifier: Apache-2.0
#include "config/google_shape.hpp"

#include "config/google_key.hpp"
#include "config/object_shape.hpp"
#include "config/text_rule.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

using Account = GoogleAuth::Account;
using Accounts = std::vector<Account>;

// A text that holds line breaks, so none of text_shapes.
ShapePtr<Secret> private_key_shape() {
  auto parse = [](const std::string& text) -> Parsed<Secret> { return parse_private_key(text); };
  return text_shape<Secret>({"a private key in PEM", R"re(\S)re", parse, Place::kSecret});
}

/// The text of a key file. What is inside of it is secret by itself too: as JSON it has other bytes.
class KeyFileShape final : public Shape<Account> {
 public:
  void read(Reader& reader, const Node& node, Account& out) const override {
    inner_->read(reader, node, out);
    if (!out.private_key.empty()) reader.learn_secret(out.private_key.reveal(), node.at);
  }
  boost::json::object schema() const override { return inner_->schema(); }

 private:
  ShapePtr<Account> inner_ = text_shape<Account>(
      {"the text of a service account's key file, such as ${file:key.json}", R"re(\S)re",
       [](const std::string& text) -> Parsed<Account> { return parse_google_key(text); }, Place::kSecret});
};

ShapePtr<Account> account_shape() {
  auto map = std::make_shared<ObjectShape<Account>>("a map with `email` and `private_key`", Place::kSecret);
  map->field("email", Need::kRequired, "The account's address.", any_text(), &Account::email)
      .field("private_key", Need::kRequired, "Its private key, in PEM; \\n may stand for a line break.",
             private_key_shape(), &Account::private_key)
      .rule({}, [](Reader& reader, const Node& node, Account& account) {
        account.token_uri = kGoogleTokenUri;
        if (!account.private_key.empty()) reader.learn_secret(account.private_key.reveal(), node.at);
      });
  return std::make_shared<EitherShape<Account>>([](const Node& node) { return node.is(Node::Kind::kMap); },
                                                map, std::make_shared<KeyFileShape>());
}

ShapePtr<Accounts> accounts_shape() {
  auto several = std::make_shared<ListShape<Account>>("a key, or a list of keys", account_shape());
  auto single = std::make_shared<InShape<Account, Accounts>>(
      account_shape(), [](Accounts& out, Account account) { out.push_back(std::move(account)); });
  return std::make_shared<EitherShape<Accounts>>([](const Node& node) { return node.is(Node::Kind::kList); },
                                                 several, single);
}

}  // namespace

ShapePtr<GoogleAuth> google_shape() {
  auto shape = std::make_shared<ObjectShape<GoogleAuth>>(
      "a map with `key` and `scope`, or `key` and `audience`", Place::kSecret);
  shape
      ->field(
          "key", Need::kRequired,
          "The account's key: the text of its file, or a map with `email` and `private_key`; or a list of "
          "these, used in turn.",
          accounts_shape(), &GoogleAuth::accounts)
      .field("scope", Need::kOptional, "What a token is asked for.", any_text(), &GoogleAuth::scope)
      .field("audience", Need::kOptional,
             "In place of `scope`: the API's own address; what the key signs is then itself the token.",
             any_text(), &GoogleAuth::audience)
      // After `key`, wherever it stands in the file: rules come last.
      .field("token_url", Need::kOptional, "Where tokens are asked for. Default: where the key says.",
             token_address(), &GoogleAuth::token_url)
      .exactly_one({"scope", "audience"})
      .only_without("token_url", "audience")
      .rule({}, [](Reader&, const Node&, GoogleAuth& google) {
        if (google.token_url.empty()) return;
        for (Account& account : google.accounts) account.token_uri = google.token_url;
      });
  return shape;
}

}  // namespace pollux::config
