#pragma once
// SPDX-License-Identifier: Apache-2.0
// The proxy's certificate, read again when its files have changed: a platform rotates it without a word,
// often file by file, so that what is read may be half of it. Then the one before stays, it is said once, and
// tried again at each look. Apart from the lists: a fault in those keeps no certificate from being renewed.
// Owned by the daemon; io thread.

#include <optional>
#include <string>

#include "app/file_marks.hpp"
#include "egress/proxy/forward_proxy.hpp"
#include "log/logger.hpp"

namespace pollux::app {

class EgressCertificate {
 public:
  EgressCertificate(egress::ForwardProxy& proxy, log::Logger& logger) : proxy_(proxy), logger_(logger) {}

  /// Takes these files (not again those that it has), or none; on an error those before stay.
  Result<void> take(const std::optional<egress::TlsFiles>& files);
  /// Takes them again if they have changed since, or `told` to.
  void look(bool told);

 private:
  FileMarks marks() const;
  Result<void> load();

  egress::ForwardProxy& proxy_;
  log::Logger& logger_;
  std::optional<egress::TlsFiles> files_;
  FileMarks marks_;
  std::string trouble_;  // of the last try
};

}  // namespace pollux::app
