#pragma once
// SPDX-License-Identifier: Apache-2.0
// How what is public and what is remembered are kept in step, whenever the process is killed. A poll writes
// down that it is about to publish, publishes, and remembers, in this order. One with a cursor or a window
// writes down what it will publish too, and a run that finds that finishes it first; another's next run takes
// nothing for published. docs/decisions/0012-write-ahead-of-the-public.md. io thread.

#include "poll/run_once.hpp"

namespace pollux::poll {

/// Publishes and remembers what a run that was cut off had written down. An Error: the store or the state
/// cannot be reached, and it stays written down.
Task<Result<void>> finish_cut_off(const Stages& stages, const config::Poll& poll, RunReport& report);

/// What this run starts from.
Task<Result<Before>> recall(const Stages& stages, const config::Poll& poll, const Record& record);

/// The last verb, with what must be written before it and after it; the record's validators are gone where
/// anything was to be written. When it fails, cursor and window are as they were; when it is canceled, what
/// was written down stays for the next run.
Task<Result<void>> publish_remembered(const Stages& stages, const config::Poll& poll,
                                      const Prepared& prepared, const Before& before, RunReport& report);

}  // namespace pollux::poll
