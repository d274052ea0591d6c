#pragma once
// SPDX-License-Identifier: Apache-2.0
// Asks for keys where the file says that they are to be had: an EC2 instance's metadata (IMDSv2), a
// container's endpoint, STS for a web identity. Metadata is on this machine or beside it: it is asked
// straight, whatever proxy the store has. STS is asked by the store's own way. Owned by the store; io thread;
// token files are read on the pool.

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>

#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/publish/credentials_source.hpp"
#include "poll/publish/s3_retry.hpp"

namespace pollux::publish {

class KeyEndpoints {
 public:
  /// All references must outlive it.
  struct Parts {
    net::HttpClient& client;
    const Clock& clock;
    asio::thread_pool& pool;
    S3Hearers hearers;
    S3RetryRules retry;
    std::function<double()> chance;
  };

  KeyEndpoints(config::S3Store store, Parts parts);

  /// As store.renewed_keys says. Errors name the endpoint's host, what it answered, and what to look at;
  /// kinds as CredentialsSource::keys() says.
  Task<Result<GivenKeys>> ask();

 private:
  Task<Result<net::HttpResponse>> from_instance(const config::InstanceKeys& keys);
  Task<Result<net::HttpResponse>> from_container(const config::ContainerKeys& keys);
  Task<Result<net::HttpResponse>> from_sts(const config::WebIdentityKeys& keys);
  /// With its attempts; whatever is not 200 is an error.
  Task<Result<net::HttpResponse>> send(net::HttpRequest request, std::string who);
  Task<Result<Secret>> token_in(std::filesystem::path file, std::string who);
  void hide(const Secret& secret);

  config::S3Store store_;
  Parts parts_;
};

/// What the store's requests are signed with.
std::unique_ptr<CredentialsSource> make_credentials(const config::S3Store& store, KeyEndpoints::Parts parts);

/// Waits; false: canceled meanwhile.
Task<bool> pause(Millis wait);

/// A request to the bucket's server, or to STS, with the store's timeouts and its way, unsigned.
net::HttpRequest base_request(const config::S3Store& store, std::string url);

}  // namespace pollux::publish
