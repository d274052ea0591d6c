// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/store_contract_test.hpp"

#include <atomic>
#include <boost/asio/thread_pool.hpp>

#include "net/curl_client.hpp"
#include "poll/publish/directory_store.hpp"
#include "poll/publish/s3_store.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/radosgw.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::publish {
namespace {

void nothing() {}
void radosgw() { POLLUX_NEEDS_RADOSGW(); }

class MemoryPlace final : public StorePlace {
 public:
  std::unique_ptr<Store> open(asio::io_context&) override {
    return std::make_unique<test::MemoryStore>(store_);
  }

 private:
  test::MemoryStore store_;
};

class DirectoryPlace final : public StorePlace {
 public:
  std::unique_ptr<Store> open(asio::io_context&) override {
    return std::make_unique<DirectoryStore>(config::DirectoryStore{dir_ / "public"}, pool_);
  }

 private:
  test::TempDir dir_;
  asio::thread_pool pool_{2};
};

/// A client and a store that uses it, as one.
class S3View final : public Store {
 public:
  S3View(asio::io_context& io, config::S3Store config, asio::thread_pool& pool)
      : client_(io), store_(std::move(config), client_, clock_, pool) {}
  std::string target() const override { return store_.target(); }
  Task<Result<void>> put(Object object) override { return store_.put(std::move(object)); }
  Task<Result<std::optional<Object>>> get(std::string path) override { return store_.get(std::move(path)); }
  Task<Result<void>> remove(std::string path) override { return store_.remove(std::move(path)); }

 private:
  SystemClock clock_;
  net::CurlClient client_;
  S3Store store_;
};

class S3Place final : public StorePlace {
 public:
  using Addressing = config::S3Store::Addressing;
  S3Place(Addressing addressing, std::string prefix) {
    static std::atomic<int> count = 0;
    auto& server = *test::shared_radosgw().server;
    auto bucket = fmt::format("contract-{}", count++);
    auto made = server.create_bucket(bucket);
    EXPECT_TRUE(made) << made.error().text();
    config_ = server.store(bucket);
    config_.addressing = addressing;
    config_.prefix = std::move(prefix);
    if (addressing == Addressing::kVirtualHost)
      config_.endpoint = fmt::format("http://localhost:{}", server.port());
  }
  std::unique_ptr<Store> open(asio::io_context& io) override {
    return std::make_unique<S3View>(io, config_, pool_);
  }

 private:
  config::S3Store config_;
  asio::thread_pool pool_{2};
};

StoreKind s3_kind(std::string name, S3Place::Addressing addressing, std::string prefix) {
  return {std::move(name), radosgw, [=] { return std::make_unique<S3Place>(addressing, prefix); }};
}

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContract,
    testing::Values(StoreKind{"memory", nothing, [] { return std::make_unique<MemoryPlace>(); }},
                    StoreKind{"directory", nothing, [] { return std::make_unique<DirectoryPlace>(); }},
                    s3_kind("s3_by_path", S3Place::Addressing::kPath, ""),
                    s3_kind("s3_by_virtual_host", S3Place::Addressing::kVirtualHost, "1.0/über ein+prefix/")),
    [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace pollux::publish
