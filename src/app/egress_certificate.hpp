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

  /// At the start: without it there is nothing to show.
  Result<void> take(const egress::TlsFiles& files);
  /// The files that the configuration names now. What cannot be read is said, and tried again at each look;
  /// until then the certificate of before is shown.
  void take_again(const egress::TlsFiles& files);
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
