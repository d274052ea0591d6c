// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <cstring>

#include "cli/commands.hpp"
#include "poll/transform/worker_main.hpp"

int main(int argc, char** argv) {
  // A jq worker is this same program: it comes here before anything else of it is built up.
  if (argc == 2 && std::strcmp(argv[1], "jq-worker") == 0)
    return pollux::transform::worker_main(pollux::transform::kWorkerFd);
  signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of its write, not the end of the program
  return pollux::cli::run_command_line(argc, argv);
}
