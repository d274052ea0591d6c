// SPDX-License-Identifier: Apache-2.0
#include "app/egress_certificate.hpp"

#include <array>
#include <utility>

#include "config/load.hpp"

namespace pollux::app {

Result<void> EgressCertificate::take(const egress::TlsFiles& files) {
  files_ = files;
  return load();
}

void EgressCertificate::take_again(const egress::TlsFiles& files) {
  if (files == files_) return;
  files_ = files;
  look(true);
}

void EgressCertificate::look(bool told) {
  if (!files_) return;
  if (!told && trouble_.empty() && marks() == marks_) return;
  const std::string before = std::exchange(trouble_, "");
  auto loaded = load();
  if (loaded) return;
  trouble_ = loaded.error().message;
  if (told || trouble_ != before)
    logger_.error("egress_certificate", trouble_ + ": not taken, the certificate of before stays");
}

FileMarks EgressCertificate::marks() const {
  const std::array<std::filesystem::path, 3> files{files_->certificate, files_->key, files_->client_ca};
  return marks_of(files);
}

Result<void> EgressCertificate::load() {
  // Before they are read: what changes meanwhile is seen at the next look.
  FileMarks before = marks();
  auto context = egress::TlsContext::load(*files_, config::process_environment().read);
  if (!context) return std::unexpected(context.error());
  marks_ = std::move(before);
  logger_.info("egress_certificate", "shown to new connections: " + (*context)->text());
  proxy_.replace(std::move(*context));
  return {};
}

}  // namespace pollux::app
