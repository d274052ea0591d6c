#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one coroutine type of the house. All run on the one io thread; what blocks or burns goes to a pool.

#include <boost/asio/awaitable.hpp>

namespace pollux {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace pollux
